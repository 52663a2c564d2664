package io.onggi.container;

import io.onggi.error.CriException;
import io.onggi.launch.RawText;
import io.onggi.linux.PathRules;
import java.util.List;

/**
 * What no launch plan and no kernel would take, refused before anything is made for it: paths,
 * sizes and numbers of things.
 */
final class SpecBounds {
  /** Half of the steps that a plan may have; the rest is the runtime's own. */
  static final int MOST_PLACES = 2048;

  /** A quarter of the usual 8 MiB of stack (execve(2), limits on size of arguments). */
  static final int MOST_ARGUMENT_BYTES = 2 << 20;

  /** Linux NGROUPS_MAX. */
  private static final int MOST_GROUPS = 65_536;

  private SpecBounds() {}

  /**
   * @throws CriException.InvalidArgument naming the container and the field
   */
  static void check(ContainerSpec spec) {
    String title = "container " + spec.title() + ": ";
    ContainerSpec.SecuritySpec security = spec.security();
    PathRules.check(title + "working_dir", spec.workingDirectory());
    PathRules.check(title + "log_path", spec.logPath());
    spec.mounts().forEach(m -> PathRules.check(title + "mount container_path", m.containerPath()));
    spec.mounts().forEach(m -> PathRules.check(title + "mount host_path", m.hostPath()));
    spec.devices()
        .forEach(d -> PathRules.check(title + "device container_path", d.containerPath()));
    spec.devices().forEach(d -> PathRules.check(title + "device host_path", d.hostPath()));
    security.maskedPaths().forEach(p -> PathRules.checkAbsolute(title + "masked_paths", p));
    security.readonlyPaths().forEach(p -> PathRules.checkAbsolute(title + "readonly_paths", p));
    checkProgram(title + "command", spec.command());
    checkPlaces(title, spec);
    checkArguments(title, spec);
    if (security.supplementalGroups().size() > MOST_GROUPS) {
      throw new CriException.InvalidArgument(
          title
              + "supplemental_groups has "
              + security.supplementalGroups().size()
              + " members, Linux allows "
              + MOST_GROUPS);
    }
  }

  /** An empty name of a program is no program; an empty argument is one. */
  static void checkProgram(String field, List<String> command) {
    if (!command.isEmpty() && command.getFirst().isEmpty()) {
      throw new CriException.InvalidArgument(field + "[0] is empty; name a program to run");
    }
  }

  private static void checkPlaces(String title, ContainerSpec spec) {
    int masked = spec.security().maskedPaths().size();
    int readonly = spec.security().readonlyPaths().size();
    int places = spec.mounts().size() + spec.devices().size() + masked + readonly;
    if (places > MOST_PLACES) {
      throw new CriException.InvalidArgument(
          title
              + spec.mounts().size()
              + " mounts, "
              + spec.devices().size()
              + " devices, "
              + masked
              + " masked_paths and "
              + readonly
              + " readonly_paths are more than "
              + MOST_PLACES
              + " in all");
    }
  }

  private static void checkArguments(String title, ContainerSpec spec) {
    long bytes = size(spec.command()) + size(spec.args());
    for (ContainerSpec.EnvironmentVariable variable : spec.env()) {
      bytes += size(variable.key()) + size(variable.value());
    }
    if (bytes > MOST_ARGUMENT_BYTES) {
      throw new CriException.InvalidArgument(
          title
              + "command, args and envs have "
              + bytes
              + " bytes together, a process takes "
              + MOST_ARGUMENT_BYTES);
    }
  }

  private static long size(List<String> texts) {
    return texts.stream().mapToLong(SpecBounds::size).sum();
  }

  private static long size(String text) {
    return RawText.bytes(text).length + 1L;
  }
}
