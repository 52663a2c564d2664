package io.onggi.daemon.config;

/** What onggid was asked to do. */
public sealed interface Command {
  /** Serve CRI. */
  record Serve(DaemonConfig config) implements Command {}

  /** Print this text on standard output and leave with status 0. */
  record Print(String text) implements Command {}
}
