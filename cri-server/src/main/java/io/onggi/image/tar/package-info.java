/**
 * A streaming reader of tar archives as layers use them: ustar, GNU long names, PAX, base-256
 * numbers. It only reads; what the entries mean is {@code layer}'s business.
 *
 * <p>Names are byte strings (each char one byte, ISO 8859-1): Linux names need not be text.
 * Formats: POSIX pax (IEEE 1003.1), "tar.h" of GNU tar, OCI image specification layer.md.
 */
@NullMarked
package io.onggi.image.tar;

import org.jspecify.annotations.NullMarked;
