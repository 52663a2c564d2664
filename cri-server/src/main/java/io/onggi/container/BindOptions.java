package io.onggi.container;

import io.onggi.error.CriException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * CRI Mount.mount_options: OCI names (runtime-spec, config.md, mount options) of what a single bind
 * mount can be. One with an {@code r} in front means everything below the mount too. Those that
 * allow ({@code exec}, {@code rw}...) only say so: they take no restriction away that the host's
 * own mount has.
 */
final class BindOptions {
  private static final int MANY = 64;

  /** Each option with the choice that it answers; two answers to one choice contradict. */
  private static final Map<String, String> CHOICES = choices();

  private static final Set<String> PROPAGATION =
      Set.of(
          "private",
          "rprivate",
          "slave",
          "rslave",
          "shared",
          "rshared",
          "unbindable",
          "runbindable");

  private static final Set<String> FILE_SYSTEM =
      Set.of(
          "sync",
          "async",
          "dirsync",
          "lazytime",
          "nolazytime",
          "mand",
          "nomand",
          "iversion",
          "noiversion",
          "silent",
          "loud",
          "remount",
          "tmpcopyup",
          "defaults");

  private BindOptions() {}

  private static Map<String, String> choices() {
    Map<String, String> map = new HashMap<>();
    for (String flag : List.of("suid", "dev", "exec", "symfollow", "diratime")) {
      map.put(flag, flag);
      map.put("no" + flag, flag);
    }
    map.put("ro", "writing");
    map.put("rw", "writing");
    for (String kind : List.of("atime", "noatime", "relatime", "strictatime")) {
      map.put(kind, "access time");
    }
    Map.copyOf(map).forEach((option, choice) -> map.put("r" + option, choice));
    return Map.copyOf(map);
  }

  /**
   * @param mount as messages name it: {@code mount for /data}
   * @param fixed why the mount is read-only, when it is for other reasons than these options
   * @throws CriException.InvalidArgument naming the option
   */
  static void check(String mount, List<String> options, Optional<String> fixed) {
    if (options.size() > MANY) {
      throw new CriException.InvalidArgument(
          mount + ": " + options.size() + " mount_options are more than " + MANY);
    }
    Map<String, String> answers = new LinkedHashMap<>();
    for (String option : options) {
      String choice = CHOICES.get(option);
      if (choice == null) {
        throw new CriException.InvalidArgument(
            mount + ": mount_options: \"" + option + "\" " + why(option));
      }
      if (fixed.isPresent() && value(option).equals("rw")) {
        throw new CriException.InvalidArgument(
            mount + ": mount_options: \"" + option + "\" contradicts " + fixed.get());
      }
      String before = answers.putIfAbsent(choice, option);
      if (before != null && !value(before).equals(value(option))) {
        throw new CriException.InvalidArgument(
            mount + ": mount_options: \"" + option + "\" contradicts \"" + before + "\"");
      }
    }
  }

  /** The option without the {@code r} of the recursive form. */
  private static String value(String option) {
    String rest = option.startsWith("r") ? option.substring(1) : option;
    return CHOICES.containsKey(rest) ? rest : option;
  }

  private static String why(String option) {
    String name = option.contains("=") ? option.substring(0, option.indexOf('=')) : option;
    if (PROPAGATION.contains(name)) {
      return "is said by the field propagation";
    }
    if (name.equals("bind") || name.equals("rbind")) {
      return "is what every mount here is";
    }
    if (name.equals("idmap") || name.equals("ridmap")) {
      return "is said by the fields uidMappings and gidMappings";
    }
    if (FILE_SYSTEM.contains(name) || option.contains("=")) {
      return "belongs to a whole file system, not to a bind mount";
    }
    return "is unknown; there are ro, rw, and with or without \"no\" in front suid, dev, exec,"
        + " symfollow, diratime, atime, also relatime and strictatime, and each of them with an r"
        + " in front for all mounts below";
  }
}
