package io.onggi.linux;

/** A system call that failed: which call, on which object, with which errno (man 3 errno). */
public final class LinuxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  public LinuxException(String operation, String object, int errno) {
    super(operation + " " + object + ": " + Errno.describe(errno));
    this.errno = errno;
  }

  /**
   * The positive errno value, one of {@link Errno}'s constants where the code must tell them apart.
   */
  public int errno() {
    return errno;
  }

  public boolean is(int wanted) {
    return errno == wanted;
  }
}
