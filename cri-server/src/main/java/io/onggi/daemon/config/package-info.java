/**
 * What the daemon is told: a TOML file and flags, to one record.
 *
 * <p>{@link io.onggi.daemon.config.CommandLine} reads the flags and, through {@link
 * io.onggi.daemon.config.ConfigFile}, the file; {@link io.onggi.daemon.config.DaemonConfig} and one
 * record per area hold the values and refuse bad ones; {@link io.onggi.daemon.config.Option} lists
 * every key once.
 */
@NullMarked
package io.onggi.daemon.config;

import org.jspecify.annotations.NullMarked;
