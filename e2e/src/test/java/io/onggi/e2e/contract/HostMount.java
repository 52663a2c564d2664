package io.onggi.e2e.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.onggi.e2e.Programs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A mount of the test's on the host, below the node's own folder. */
record HostMount(Path folder) implements AutoCloseable {
  static HostMount tmpfs(Path folder) {
    run("mount", "-t", "tmpfs", "onggi-test", folder.toString());
    return new HostMount(folder);
  }

  /** The folder bound on itself, so that its propagation can be changed: shared. */
  static HostMount shared(Path folder) {
    run("mount", "--bind", folder.toString(), folder.toString());
    HostMount mount = new HostMount(folder);
    run("mount", "--make-private", folder.toString());
    run("mount", "--make-shared", folder.toString());
    return mount;
  }

  /** Its propagation from now on. */
  void make(String propagation) {
    run("mount", "--make-" + propagation, folder.toString());
  }

  static boolean isMounted(Path folder) {
    try {
      return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
          .anyMatch(l -> l.split(" ")[4].equals(folder.toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void run(String... command) {
    Programs.Result result = Programs.run(List.of(command));
    assertEquals(0, result.status(), result.output());
  }

  @Override
  public void close() {
    run("umount", "--lazy", folder.toString());
  }
}
