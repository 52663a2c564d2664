/**
 * {@code onggi}, the operator's program: talks to the daemon over its socket and prints.
 *
 * <p>Map: {@link io.onggi.daemon.cli.Onggi} main; {@link io.onggi.daemon.cli.Arguments} what was
 * typed; {@link io.onggi.daemon.cli.Commands} one method a command.
 */
@NullMarked
package io.onggi.daemon.cli;

import org.jspecify.annotations.NullMarked;
