package io.onggi.launch;

import io.onggi.linux.Errno;
import java.util.Locale;

/**
 * The shim's FAILED report.
 *
 * @param index of the plan's entry, settings included; {@link #OUTSIDE} for none
 * @param errno 0: no system call failed
 * @param step the entry's name in the protocol ({@code JOIN_NS}); outside of the plan {@code plan},
 *     {@code LOG}, {@code SOCKET}, {@code start} or {@code exec}
 * @param object what it acted on; may be empty
 * @param detail the system call, then the kernel's own words where it has some; may be empty
 */
public record LaunchFailure(int index, int errno, String step, String object, String detail) {
  /** Not a step of the plan: the shim's own set-up. */
  public static final int OUTSIDE = -1;

  /** The step as messages write it: {@code join ns}. */
  String stepWords() {
    return step.toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** {@code exec /bin/nope: No such file or directory (ENOENT)}. */
  String sentence() {
    StringBuilder text = new StringBuilder(stepWords());
    if (!object.isEmpty()) {
      text.append(' ').append(object);
    }
    if (errno != 0) {
      text.append(": ").append(Errno.describe(errno));
    }
    // "exec ...: No such file" needs no "execve"; in other steps the call tells them apart.
    if (!detail.isEmpty() && !detail.equals("execve")) {
      text.append(errno != 0 ? ", " : ": ").append(detail);
    }
    return text.toString();
  }
}
