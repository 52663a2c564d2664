package io.onggi.cgroup;

/**
 * One value for one control file.
 *
 * @param controller whose hierarchy (v1) or whose enabled controller (v2) the file belongs to
 * @param file the file's name in the cgroup's directory
 * @param value what is written, without newline
 * @param optional true: skipped where the kernel has no such file; false: that is an error
 */
public record ControlWrite(String controller, String file, String value, boolean optional) {
  static ControlWrite required(String controller, String file, String value) {
    return new ControlWrite(controller, file, value, false);
  }

  static ControlWrite required(String controller, String file, long value) {
    return new ControlWrite(controller, file, Long.toString(value), false);
  }
}
