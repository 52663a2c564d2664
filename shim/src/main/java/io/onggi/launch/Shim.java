package io.onggi.launch;

/**
 * A container's live shim. Every call blocks, may be called from a virtual thread (which it parks),
 * and throws {@link ShimException}.
 */
public interface Shim {

  /** Whom a signal reaches. */
  enum Scope {
    FIRST_PROCESS,
    WHOLE_CONTAINER
  }

  ShimStatus status();

  /**
   * Sends {@code signal} (1..64; 0 only asks).
   *
   * @throws ShimException.Refused ESRCH when the container has ended
   */
  void kill(int signal, Scope scope);

  /** Makes the log's path anew; when it fails the old file stays in use and none is made. */
  void reopenLog();

  /** Resizes the container's terminal; characters. */
  void resize(int rows, int cols);

  /**
   * Parks until the container has ended and its record is on disk.
   *
   * @throws ShimException.Gone when the shim is gone already: read {@link ExitRecord#read}
   */
  ExitRecord awaitExit();

  /**
   * Starts a process in the container; closing the session kills what still runs of it.
   *
   * @throws LaunchException naming the failing step
   */
  ExecSession openExec(LaunchPlan plan, ExecOptions options);

  /**
   * Joins the streams of the container's first process, from now on; closing the session leaves the
   * container alone.
   *
   * @throws ShimException.Refused ESRCH when the container has ended, EAGAIN when too many are
   *     attached
   */
  AttachSession openAttach(AttachOptions options);

  /**
   * As {@link #openExec}, with the process's own pipes or terminal handed over: its bytes then pass
   * no shim. {@code options} has no limit of bytes.
   *
   * @throws LaunchException naming the failing step
   */
  DirectExec openDirect(LaunchPlan plan, ExecOptions options);

  /**
   * Runs a process to its end and keeps its output, at most {@code options.limitBytes()} of each
   * stream.
   *
   * @throws LaunchException naming the failing step
   */
  default ExecResult exec(LaunchPlan plan, ExecOptions options) {
    try (ExecSession session = openExec(plan, options)) {
      return session.collect();
    }
  }
}
