package io.onggi.daemon.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Who makes cgroups, as it is configured. */
public enum DriverChoice {
  /** systemd where it booted a node with cgroup v2, else this runtime itself. */
  AUTO,
  /** This runtime itself, by mkdir. */
  CGROUPFS,
  /** systemd, asked over D-Bus. */
  SYSTEMD;

  /** As it is written in file and flag. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static DriverChoice parse(String word) {
    return Arrays.stream(values())
        .filter(choice -> choice.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new ConfigException(
                    "cgroup-driver: \""
                        + word
                        + "\" is none of "
                        + Arrays.stream(values())
                            .map(DriverChoice::word)
                            .collect(Collectors.joining(", "))));
  }
}
