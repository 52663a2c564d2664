package io.onggi.container;

import io.onggi.error.CriException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The host's mounts as /proc/self/mountinfo lists them (man 5 proc_pid_mountinfo). */
final class HostMountTable {
  private static final Pattern ESCAPED = Pattern.compile("\\\\([0-7]{3})");
  private static final int POINT = 4;
  private static final int FIRST_OPTIONAL = 6;

  /**
   * One mount.
   *
   * @param shared what is mounted below it reaches its peers, and back
   * @param slave what is mounted below its master reaches it
   */
  record Mount(int id, String point, String type, boolean shared, boolean slave) {}

  private final Map<String, Mount> byPoint = new HashMap<>();
  private final Map<Integer, Mount> byId = new HashMap<>();

  private HostMountTable(List<Mount> mounts) {
    for (Mount mount : mounts) {
      byPoint.put(mount.point(), mount); // of several, the last one is on top
      byId.put(mount.id(), mount);
    }
  }

  /** As it is now. */
  static HostMountTable read() {
    try {
      return parse(Files.readString(Path.of("/proc/self/mountinfo")));
    } catch (IOException e) {
      throw new CriException.Internal("reading /proc/self/mountinfo: " + e, e);
    }
  }

  static HostMountTable parse(String mountinfo) {
    List<Mount> mounts = new ArrayList<>();
    for (String line : mountinfo.split("\n")) {
      String[] fields = line.split(" ");
      boolean shared = false;
      boolean slave = false;
      int at = FIRST_OPTIONAL;
      while (at < fields.length && !fields[at].equals("-")) {
        shared |= fields[at].startsWith("shared:");
        slave |= fields[at].startsWith("master:");
        at++;
      }
      if (at + 1 < fields.length) {
        mounts.add(
            new Mount(
                Integer.parseInt(fields[0]),
                unescaped(fields[POINT]),
                fields[at + 1],
                shared,
                slave));
      }
    }
    return new HostMountTable(mounts);
  }

  private static String unescaped(String text) {
    return text.indexOf('\\') < 0
        ? text
        : ESCAPED
            .matcher(text)
            .replaceAll(
                m ->
                    java.util.regex.Matcher.quoteReplacement(
                        Character.toString(Integer.parseInt(m.group(1), 8))));
  }

  /** What is mounted exactly there; the topmost. */
  Optional<Mount> at(String point) {
    return Optional.ofNullable(byPoint.get(point));
  }

  Optional<Mount> withId(int id) {
    return Optional.ofNullable(byId.get(id));
  }
}
