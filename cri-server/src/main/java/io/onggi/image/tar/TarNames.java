package io.onggi.image.tar;

import java.util.ArrayDeque;
import java.util.Deque;

/** Names of archives as paths below a root. */
public final class TarNames {
  private TarNames() {}

  /** The name as a path of its root: "/" and ".." end at the top, as they do in a chroot. */
  public static String clean(String name) {
    if (isClean(name)) {
      return name;
    }
    Deque<String> parts = new ArrayDeque<>();
    for (String part : name.split("/")) {
      if (part.equals("..")) {
        parts.pollLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    return String.join("/", parts);
  }

  /** The common case without allocation: no empty part and none that begins with a dot. */
  private static boolean isClean(String name) {
    return !name.isEmpty()
        && name.charAt(0) != '/'
        && name.charAt(0) != '.'
        && name.charAt(name.length() - 1) != '/'
        && !name.contains("//")
        && !name.contains("/.");
  }
}
