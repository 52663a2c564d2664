package io.onggi.launch;

import io.onggi.linux.Errno;

/**
 * The shim's FAILED report.
 *
 * @param index of the plan's entry, settings included; {@link #OUTSIDE} for none
 * @param errno 0: no system call failed
 * @param step lower-case word such as {@code exec}
 * @param object what it acted on; may be empty
 * @param detail more words; may be empty
 */
public record LaunchFailure(int index, int errno, String step, String object, String detail) {
  /** Not a step of the plan: the shim's own set-up. */
  public static final int OUTSIDE = -1;

  /** {@code exec /bin/nope: No such file or directory (ENOENT)}. */
  String sentence() {
    StringBuilder text = new StringBuilder(step);
    if (!object.isEmpty()) {
      text.append(' ').append(object);
    }
    if (errno != 0) {
      text.append(": ").append(Errno.describe(errno));
    }
    if (!detail.isEmpty()) {
      text.append(": ").append(detail);
    }
    return text.toString();
  }
}
