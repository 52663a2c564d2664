package io.onggi.rpc;

import io.onggi.cgroup.Cgroups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * What this node can, for the verbose status: read for each call, for people who ask why something
 * works here and not there.
 *
 * @param kernel its release
 * @param cgroupVersion 1 or 2
 * @param pressure the kernel counts waiting (PSI); per cgroup with version 2 only
 * @param securityModules in the kernel's order; empty if it does not say
 * @param seccompActions that a filter may have
 * @param userNamespaces how many there may be; 0: none
 * @param hugepages sizes, in KiB
 */
record NodeFacts(
    String version,
    String java,
    String kernel,
    String architecture,
    int cgroupVersion,
    boolean pressure,
    List<String> securityModules,
    List<String> seccompActions,
    String userNamespaces,
    List<String> hugepages) {

  static NodeFacts of(String version, Cgroups cgroups) {
    return new NodeFacts(
        version,
        Runtime.version().toString(),
        line("/proc/sys/kernel/osrelease"),
        System.getProperty("os.arch", ""),
        cgroups.version(),
        Files.exists(Path.of("/proc/pressure/cpu")),
        words(line("/sys/kernel/security/lsm"), ","),
        words(line("/proc/sys/kernel/seccomp/actions_avail"), " "),
        line("/proc/sys/user/max_user_namespaces"),
        pageSizes());
  }

  private static List<String> pageSizes() {
    String[] sizes = Path.of("/sys/kernel/mm/hugepages").toFile().list();
    return sizes == null
        ? List.of()
        : Arrays.stream(sizes).map(s -> s.replaceAll("[^0-9]", "")).sorted().toList();
  }

  private static List<String> words(String line, String separator) {
    return Arrays.stream(line.split(separator)).filter(w -> !w.isBlank()).toList();
  }

  private static String line(String file) {
    try {
      return Files.readString(Path.of(file)).strip();
    } catch (IOException _) {
      return ""; // a kernel without it
    }
  }
}
