package io.onggi.daemon.config;

/** A flag or key that the daemon cannot start with; the message is for the person who wrote it. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ConfigException(String message) {
    super(message);
  }
}
