package io.onggi.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** This process's file mode creation mask, read without changing it (man 5 proc, "Umask"). */
final class Umask {
  private static final Path STATUS = Path.of("/proc/self/status");

  private Umask() {}

  /** The mask; all bits when it cannot be read, so that callers set every mode themselves. */
  static int current() {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith("Umask:")) {
          return Integer.parseInt(line.substring("Umask:".length()).strip(), 8);
        }
      }
    } catch (IOException _) {
      return 0777;
    }
    return 0777;
  }
}
