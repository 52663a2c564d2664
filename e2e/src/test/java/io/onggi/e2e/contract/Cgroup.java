package io.onggi.e2e.contract;

import io.onggi.e2e.Node;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A container's cgroup as the host's kernel shows it, on cgroup v1 and v2. */
final class Cgroup {
  private static final Path ROOT = Path.of("/sys/fs/cgroup");

  private Cgroup() {}

  static boolean unified() {
    return Files.exists(ROOT.resolve("cgroup.controllers"));
  }

  static Path of(Node node, String controller, String container) {
    Path hierarchy = unified() ? ROOT : ROOT.resolve(controller);
    return hierarchy.resolve(node.folder().getFileName().toString()).resolve(container);
  }

  static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String value(Path file) {
    return lines(file).getFirst();
  }
}
