package io.onggi.cgroup;

import io.onggi.error.CriException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * One mounted v1 hierarchy.
 *
 * @param mount its mount point
 * @param controllers those bound to it; a named hierarchy has the one "controller" {@code
 *     name=systemd}
 */
record Hierarchy(Path mount, Set<String> controllers) {
  Hierarchy {
    controllers = Set.copyOf(controllers);
  }

  boolean has(String controller) {
    return controllers.contains(controller);
  }

  /** Every v1 hierarchy of this process's mounts below {@code root}, the freezer's first. */
  static List<Hierarchy> mountedBelow(Path root) {
    try {
      return parse(
          Files.readString(Path.of("/proc/self/mountinfo")),
          Files.readString(Path.of("/proc/self/cgroup")),
          root);
    } catch (IOException e) {
      throw new CriException.Internal("read the cgroup mounts of this process: " + e, e);
    }
  }

  /**
   * The kernel writes a hierarchy's controllers among its mount's options; which of those words are
   * controllers, {@code /proc/self/cgroup} tells (man 5 proc, man 7 cgroups).
   *
   * <p>The freezer comes first: a process joins in this order, and one that was killed half-way in
   * must not be overlooked by {@link Cgroups#killAll}.
   */
  static List<Hierarchy> parse(String mountinfo, String ownCgroups, Path root) {
    Set<String> known = new LinkedHashSet<>();
    for (String line : ownCgroups.split("\n")) {
      String[] parts = line.split(":", 3);
      if (parts.length == 3 && !parts[1].isEmpty()) {
        known.addAll(List.of(parts[1].split(",")));
      }
    }
    List<Hierarchy> found = new ArrayList<>();
    for (String line : mountinfo.split("\n")) {
      int dash = line.indexOf(" - cgroup ");
      if (dash < 0) {
        continue;
      }
      Path mount = Path.of(unescape(line.split(" ")[4]));
      String[] tail = line.substring(dash + 3).split(" ", 3);
      Set<String> controllers = new LinkedHashSet<>(List.of(tail[2].split(",")));
      controllers.retainAll(known);
      boolean again = found.stream().anyMatch(h -> h.controllers().equals(controllers));
      if (mount.startsWith(root) && !controllers.isEmpty() && !again) {
        found.add(new Hierarchy(mount, controllers));
      }
    }
    found.sort(Comparator.comparing(h -> !h.has("freezer")));
    return List.copyOf(found);
  }

  /** mountinfo writes space, tab, newline and backslash as three octal digits. */
  private static String unescape(String field) {
    return field
        .replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\");
  }
}
