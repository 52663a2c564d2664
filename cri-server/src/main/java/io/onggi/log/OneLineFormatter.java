package io.onggi.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/**
 * {@code 2026-11-22T03:39:28.123Z info RunSandbox: message: cause; caused by: cause}, and the stack
 * below it where asked for. Control characters are escaped: a message may carry a container's name
 * or a registry's answer, and must not be able to make a line of its own.
 */
final class OneLineFormatter extends Formatter {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
  private static final int MAX_CAUSES = 10;

  private final boolean stacks;

  /**
   * @param stacks true: an exception's stack trace follows on lines of its own
   */
  OneLineFormatter(boolean stacks) {
    this.stacks = stacks;
  }

  @Override
  public String format(LogRecord record) {
    StringBuilder line = new StringBuilder();
    line.append(TIME.format(record.getInstant())).append(' ');
    line.append(LogLevel.nameOf(record.getLevel())).append(' ');
    line.append(shortName(record)).append(": ");
    appendPlain(line, formatMessage(record));
    Throwable thrown = record.getThrown();
    String before = ": ";
    int causes = 0;
    for (Throwable t = thrown; t != null && causes++ < MAX_CAUSES; t = t.getCause()) {
      appendPlain(line.append(before), t.toString());
      before = "; caused by: ";
    }
    line.append('\n');
    if (stacks && thrown != null) {
      StringWriter stack = new StringWriter();
      thrown.printStackTrace(new PrintWriter(stack, true));
      line.append(stack.toString().indent(4));
    }
    return line.toString();
  }

  private static String shortName(LogRecord record) {
    String name = Optional.ofNullable(record.getLoggerName()).orElse("");
    return name.substring(name.lastIndexOf('.') + 1);
  }

  private static void appendPlain(StringBuilder line, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\n' -> line.append("\\n");
        case '\t' -> line.append(' ');
        default -> {
          if (Character.isISOControl(c)) {
            line.append(String.format("\\u%04x", (int) c));
          } else {
            line.append(c);
          }
        }
      }
    }
  }
}
