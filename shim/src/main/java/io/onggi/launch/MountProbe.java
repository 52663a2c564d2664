package io.onggi.launch;

/**
 * Tries steps in a process of its own, before anything is promised: a path that cannot be mounted,
 * or whose file system is dead, costs that process and nobody else.
 */
@FunctionalInterface
public interface MountProbe {
  /**
   * Carries out the request's plan, which ends in {@link LaunchStep.Probed}. May be called from a
   * virtual thread. What the steps mount is gone with the process, if they begin with a mount
   * namespace of their own.
   *
   * @throws LaunchException naming the failing step; with errno ETIMEDOUT when the request's
   *     timeout has passed, the process is then killed
   */
  void probe(LaunchRequest request);
}
