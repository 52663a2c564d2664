package io.onggi.cgroup;

/**
 * One value for one control file.
 *
 * @param controller whose hierarchy (v1) or whose enabled controller (v2) the file belongs to
 * @param file the file's name in the cgroup's directory
 * @param value what is written, without newline
 * @param kind what it means that the kernel has no such file
 */
public record ControlWrite(String controller, String file, String value, Kind kind) {
  /** Why a file is written. */
  public enum Kind {
    /** A limit that the kernel has to carry out: a missing file is an error. */
    REQUIRED,
    /** Skipped where the kernel has no such file. */
    OPTIONAL,
    /** Named by the caller, who may have misspelt it. */
    UNIFIED
  }

  static ControlWrite required(String controller, String file, String value) {
    return new ControlWrite(controller, file, value, Kind.REQUIRED);
  }

  static ControlWrite required(String controller, String file, long value) {
    return required(controller, file, Long.toString(value));
  }

  static ControlWrite optional(String controller, String file, long value) {
    return optional(controller, file, Long.toString(value));
  }

  static ControlWrite optional(String controller, String file, String value) {
    return new ControlWrite(controller, file, value, Kind.OPTIONAL);
  }

  /** A key of {@link Limits#unified}: its controller is the word before the first dot. */
  static ControlWrite unified(String file, String value) {
    return new ControlWrite(file.substring(0, file.indexOf('.')), file, value, Kind.UNIFIED);
  }

  boolean optional() {
    return kind == Kind.OPTIONAL;
  }
}
