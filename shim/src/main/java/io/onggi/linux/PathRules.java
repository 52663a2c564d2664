package io.onggi.linux;

import io.onggi.error.CriException;
import java.nio.charset.StandardCharsets;

/** What Linux asks of every path (limits.h, path_resolution(7)). */
public final class PathRules {
  /** Bytes of a path, PATH_MAX without the NUL at its end. */
  public static final int LONGEST_PATH = 4095;

  /** Bytes between two slashes, NAME_MAX. */
  public static final int LONGEST_NAME = 255;

  private PathRules() {}

  /**
   * Refuses a path that no system call takes; an empty one is let through.
   *
   * @param field of the request, for the message
   * @throws CriException.InvalidArgument naming field, path and limit
   */
  public static void check(String field, String path) {
    if (path.indexOf('\0') >= 0) {
      throw new CriException.InvalidArgument(
          field + " \"" + path + "\" holds a NUL byte, which no system call takes");
    }
    if (bytes(path) > LONGEST_PATH) {
      throw new CriException.InvalidArgument(
          field + " \"" + path + "\" is longer than a path can be, " + LONGEST_PATH + " bytes");
    }
    for (String name : path.split("/", -1)) {
      if (bytes(name) > LONGEST_NAME) {
        throw new CriException.InvalidArgument(
            field
                + " \""
                + path
                + "\": the part \""
                + name
                + "\" is longer than a name can be, "
                + LONGEST_NAME
                + " bytes");
      }
    }
  }

  /** As {@link #check}, of a path that begins at the root. */
  public static void checkAbsolute(String field, String path) {
    if (!path.startsWith("/")) {
      throw new CriException.InvalidArgument(field + " \"" + path + "\" is not an absolute path");
    }
    check(field, path);
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
