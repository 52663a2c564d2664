package io.onggi.launch;

/** Starts a container: one plan, one shim. */
public interface ShimLauncher {
  /**
   * Writes the plan file, starts a shim on it and waits for its report. May be called from a
   * virtual thread: the system calls run on platform threads.
   *
   * @throws LaunchException naming the failing step; nothing is left running
   */
  Started start(LaunchRequest request);
}
