package io.onggi.container;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * Where a container is launched: every host path that its plan names.
 *
 * @param state directory of the container below the daemon's state folder: plan, exit record and
 *     the empty directory its root is attached at
 * @param socket of its shim; at most 107 bytes
 * @param logFile empty: output is dropped
 * @param layers topmost first
 * @param upper writable layer; {@code work} beside it
 * @param timeout for all steps together
 */
record LaunchSite(
    Path state,
    Path socket,
    String logFile,
    List<Path> layers,
    Path upper,
    Path work,
    CgroupSite cgroup,
    boolean openStdin,
    boolean stdinOnce,
    Duration timeout) {
  LaunchSite {
    layers = List.copyOf(layers);
  }

  Path planFile() {
    return state.resolve("plan");
  }

  Path exitRecord() {
    return state.resolve("exit");
  }

  /** Holds {@code upper} and {@code work}. */
  Path writable() {
    return Objects.requireNonNull(upper.getParent());
  }

  Path root() {
    return state.resolve("rootfs");
  }
}
