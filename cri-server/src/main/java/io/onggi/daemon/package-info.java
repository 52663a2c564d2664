/**
 * The programs: {@link io.onggi.daemon.Onggid}, wiring by hand.
 *
 * <p>Map: {@link io.onggi.daemon.Onggid} main; {@link io.onggi.daemon.Daemon} builds every object
 * once and owns their end; {@code config} reads flags and file; {@code cli} is the operator's
 * program {@code onggi}.
 */
@NullMarked
package io.onggi.daemon;

import org.jspecify.annotations.NullMarked;
