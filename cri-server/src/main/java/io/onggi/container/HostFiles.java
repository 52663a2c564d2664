package io.onggi.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Small files of the host. */
final class HostFiles {
  private HostFiles() {}

  /** Empty when the host has no such file. */
  static String readOrEmpty(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException _) {
      return "";
    }
  }
}
