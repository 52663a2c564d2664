/** Fuzz targets over public parsers; {@link io.onggi.fuzz.FuzzTest} runs them and all others. */
@NullMarked
package io.onggi.fuzz;

import org.jspecify.annotations.NullMarked;
