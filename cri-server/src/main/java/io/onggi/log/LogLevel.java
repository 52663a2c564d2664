package io.onggi.log;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.logging.Level;

/** From much to little. */
public enum LogLevel {
  TRACE,
  DEBUG,
  INFO,
  WARNING,
  ERROR;

  Level level() {
    return switch (this) {
      case TRACE -> Level.FINEST;
      case DEBUG -> Level.FINE;
      case INFO -> Level.INFO;
      case WARNING -> Level.WARNING;
      case ERROR -> Level.SEVERE;
    };
  }

  /** As in the configuration, {@code info}; any case. */
  public static Optional<LogLevel> parse(String name) {
    return Arrays.stream(values()).filter(l -> l.name().equalsIgnoreCase(name)).findFirst();
  }

  /** The name of a level of java.util.logging in our words. */
  static String nameOf(Level level) {
    return Arrays.stream(values())
        .filter(candidate -> level.intValue() <= candidate.level().intValue())
        .findFirst()
        .orElse(ERROR)
        .word();
  }

  /** {@code info}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
