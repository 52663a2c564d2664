package io.onggi.launch;

import io.onggi.linux.Errno;
import org.jspecify.annotations.Nullable;

/** A live shim that could not be asked, or that refused. */
public abstract sealed class ShimException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private ShimException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /**
   * The shim cannot be reached, or went away, or did not answer in time. After a container's end
   * this is the usual case: the exit record tells.
   */
  public static final class Gone extends ShimException {
    private static final long serialVersionUID = 1L;

    public Gone(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** The shim answered with an error. */
  public static final class Refused extends ShimException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    public Refused(String what, int errno, String reason) {
      super(what + ": " + Errno.describe(errno) + (reason.isEmpty() ? "" : ": " + reason), null);
      this.errno = errno;
    }

    public int errno() {
      return errno;
    }
  }
}
