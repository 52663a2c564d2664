package io.onggi.launch;

import io.onggi.linux.Processes;
import io.onggi.linux.ReadOnlyExecutable;
import java.nio.file.Path;
import java.util.List;

/** The shim's program, opened once for the daemon's life. */
public final class ShimBinary implements AutoCloseable {
  private final ReadOnlyExecutable executable;

  private ShimBinary(ReadOnlyExecutable executable) {
    this.executable = executable;
  }

  /**
   * @throws io.onggi.linux.LinuxException when the program is missing or mounts are not allowed
   */
  public static ShimBinary open(Path program) {
    return new ShimBinary(ReadOnlyExecutable.open(program));
  }

  /** Starts a shim on a plan; its report comes through {@code reportFd}. Returns its pid. */
  int spawn(Path planFile, int reportFd) {
    return spawn("run", planFile, reportFd);
  }

  /** Starts a probe on a plan, likewise. */
  int spawnProbe(Path planFile, int reportFd) {
    return spawn("probe", planFile, reportFd);
  }

  /** Starts a process that does nothing until {@code pipeFd}'s other end is closed. */
  int spawnHolder(int pipeFd) {
    return Processes.spawn(executable.path(), List.of("onggi-shim", "hold"), List.of(), pipeFd);
  }

  private int spawn(String verb, Path planFile, int reportFd) {
    return Processes.spawn(
        executable.path(), List.of("onggi-shim", verb, planFile.toString()), List.of(), reportFd);
  }

  @Override
  public void close() {
    executable.close();
  }
}
