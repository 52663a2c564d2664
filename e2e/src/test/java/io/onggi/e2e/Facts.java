package io.onggi.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What the kernel shows of one node, taken before and compared after (e2e/leaks/leaks.sh). */
public final class Facts implements AutoCloseable {
  private final Path file;
  private final Map<String, String> environment;

  private Facts(Path file, Map<String, String> environment) {
    this.file = file;
    this.environment = environment;
  }

  public static Facts of(Node node) {
    try {
      Path file = Files.createTempFile("onggi-facts", ".txt");
      Map<String, String> environment =
          Map.of("ONGGI_LEAKS_OF", node.folder().getFileName().toString());
      Programs.Result taken = run(List.of("snapshot", file.toString()), environment);
      assertEquals(0, taken.status(), taken.output());
      return new Facts(file, environment);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Fails with every difference: processes, mounts, cgroups, links, rules, files of the node. */
  public void assertUnchanged() {
    Programs.Result result = run(List.of("compare", file.toString()), environment);
    assertEquals(0, result.status(), result.output());
  }

  private static Programs.Result run(List<String> arguments, Map<String, String> environment) {
    String script = Programs.repository().resolve("e2e/leaks/leaks.sh").toString();
    return Programs.run(Stream.concat(Stream.of(script), arguments.stream()).toList(), environment);
  }

  /** Removes the empty cgroups of that name in every hierarchy. */
  static void removeCgroups(String name) {
    Programs.run(
        List.of(
            "sh",
            "-c",
            "for d in /sys/fs/cgroup/$0 /sys/fs/cgroup/*/$0; do"
                + " if [ -d $d ]; then find $d -depth -type d -exec rmdir {} +; fi; done",
            name));
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
