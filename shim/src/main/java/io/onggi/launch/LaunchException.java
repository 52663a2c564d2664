package io.onggi.launch;

/**
 * A container or an exec that could not be started. Nothing of it is left running; the message
 * names step, object, errno and owner: {@code exec /bin/nope: No such file or directory (ENOENT)
 * (step 31 of 34 of container 4f2a)}.
 */
public final class LaunchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient LaunchFailure failure;

  /**
   * @param entries of the plan, settings included
   */
  public LaunchException(String subject, int entries, LaunchFailure failure) {
    super(message(subject, entries, failure));
    this.failure = failure;
  }

  /** A launch that failed before or beside the shim: no step to name. */
  public LaunchException(String subject, LaunchFailure failure, Throwable cause) {
    super(message(subject, 0, failure), cause);
    this.failure = failure;
  }

  public LaunchFailure failure() {
    return failure;
  }

  /** True when the failing step was the exec of the user's program: its image or command is bad. */
  public boolean isExec() {
    return failure.step().equals(Opcode.EXEC.name());
  }

  private static String message(String subject, int entries, LaunchFailure failure) {
    if (failure.index() == LaunchFailure.OUTSIDE) {
      return failure.sentence() + " (starting " + subject + ")";
    }
    return "%s (step %d of %d of %s)"
        .formatted(failure.sentence(), failure.index() + 1, entries, subject);
  }
}
