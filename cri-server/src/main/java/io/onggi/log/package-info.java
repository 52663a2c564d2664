/**
 * The daemon's own log: {@code java.util.logging}, set up in code.
 *
 * <p>{@link io.onggi.log.DaemonLog} sets it up, {@link io.onggi.log.LogLevel} names the levels,
 * {@link io.onggi.log.OneLineFormatter} is the form. Containers' logs are not here: the shim writes
 * them.
 */
@NullMarked
package io.onggi.log;

import org.jspecify.annotations.NullMarked;
