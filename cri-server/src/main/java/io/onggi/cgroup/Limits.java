package io.onggi.cgroup;

import io.onggi.error.CriException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * What a cgroup may use, free of any cgroup version. Empty means: say nothing, leave what is there.
 * The value -1 means: no limit.
 *
 * @param cpuShares relative weight in v1's scale, 2 to 262144, 1024 being one CPU's worth
 * @param cpuQuotaMicros CPU time per period, microseconds, at least 1000
 * @param cpuPeriodMicros the period, microseconds, 1000 to 1000000
 * @param memoryBytes memory
 * @param memorySwapBytes memory and swap together (as in CRI and OCI); equal to {@code
 *     memoryBytes}: no swap
 * @param pids tasks
 * @param cpusetCpus CPUs as a list, {@code 0-3,8}
 * @param cpusetMems memory nodes as a list
 * @param hugepages one per page size
 * @param unified v2 control files by name, written verbatim; a v1 kernel refuses a non-empty map
 * @param devices the only devices that may be opened; empty: no restriction (privileged). Carried
 *     out when the cgroup is made, never by an update
 */
public record Limits(
    OptionalLong cpuShares,
    OptionalLong cpuQuotaMicros,
    OptionalLong cpuPeriodMicros,
    OptionalLong memoryBytes,
    OptionalLong memorySwapBytes,
    OptionalLong pids,
    Optional<String> cpusetCpus,
    Optional<String> cpusetMems,
    List<HugepageLimit> hugepages,
    Map<String, String> unified,
    List<DeviceRule> devices) {

  /** "No limit", where the kernel knows one. */
  public static final long UNLIMITED = -1;

  private static final int LIST_MAX = 4096;

  /** Says nothing about anything. */
  public static final Limits NONE =
      new Limits(
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          Map.of(),
          List.of());

  public Limits {
    hugepages = List.copyOf(hugepages);
    devices = List.copyOf(devices);
    // sorted, so that compiling the same limits gives the same writes in the same order
    unified = java.util.Collections.unmodifiableMap(new TreeMap<>(unified));
    requireRange("cpu shares", cpuShares, 2, 262_144, false);
    requireRange("cpu quota (µs)", cpuQuotaMicros, 1_000, Long.MAX_VALUE, true);
    requireRange("cpu period (µs)", cpuPeriodMicros, 1_000, 1_000_000, false);
    requireRange("memory limit (bytes)", memoryBytes, 1, Long.MAX_VALUE, true);
    requireRange("memory and swap limit (bytes)", memorySwapBytes, 1, Long.MAX_VALUE, true);
    requireRange("pids limit", pids, 0, Long.MAX_VALUE, true);
    requireList("cpuset cpus", cpusetCpus);
    requireList("cpuset mems", cpusetMems);
    requireSwapCoversMemory(memoryBytes, memorySwapBytes);
    unified.keySet().forEach(Limits::requireControlFile);
  }

  private static void requireRange(
      String what, OptionalLong value, long least, long most, boolean orUnlimited) {
    if (value.isEmpty() || (orUnlimited && value.getAsLong() == UNLIMITED)) {
      return;
    }
    long given = value.getAsLong();
    if (given < least || given > most) {
      String range =
          most == Long.MAX_VALUE ? "at least " + least : "between " + least + " and " + most;
      throw new CriException.InvalidArgument(
          what + " of " + given + " must be " + range + (orUnlimited ? " or -1 (no limit)" : ""));
    }
  }

  private static void requireList(String what, Optional<String> value) {
    if (value.isPresent() && !isList(value.get())) {
      throw new CriException.InvalidArgument(
          what + " \"" + value.get() + "\" is not a list such as 0-3,8");
    }
  }

  private static boolean isList(String value) {
    // a control file takes one page; the length also keeps a hostile list from the pattern
    return value.length() < LIST_MAX && value.matches("[0-9]+([,-][0-9]+)*");
  }

  private static void requireSwapCoversMemory(OptionalLong memory, OptionalLong swap) {
    if (swap.isEmpty() || swap.getAsLong() == UNLIMITED) {
      return;
    }
    if (memory.isEmpty() || memory.getAsLong() == UNLIMITED) {
      throw new CriException.InvalidArgument(
          "a memory and swap limit of " + swap.getAsLong() + " needs a memory limit beside it");
    }
    if (swap.getAsLong() < memory.getAsLong()) {
      throw new CriException.InvalidArgument(
          "the memory and swap limit of "
              + swap.getAsLong()
              + " bytes counts both and cannot be below the memory limit of "
              + memory.getAsLong());
    }
  }

  private static void requireControlFile(String name) {
    if (!name.matches("[a-z0-9_]+\\.[A-Za-z0-9_.]+") || name.startsWith("cgroup.")) {
      throw new CriException.InvalidArgument(
          "unified key \"" + name + "\" is not the name of a controller's file, as memory.high");
    }
  }

  /** True where memory is bounded and swap is forbidden. */
  public boolean forbidsSwap() {
    return memorySwapBytes.isPresent()
        && memoryBytes.isPresent()
        && memorySwapBytes.getAsLong() != UNLIMITED
        && memorySwapBytes.getAsLong() == memoryBytes.getAsLong();
  }

  public Limits withCpuShares(long shares) {
    return new Limits(
        OptionalLong.of(shares),
        cpuQuotaMicros,
        cpuPeriodMicros,
        memoryBytes,
        memorySwapBytes,
        pids,
        cpusetCpus,
        cpusetMems,
        hugepages,
        unified,
        devices);
  }

  public Limits withCpuQuota(long quotaMicros, long periodMicros) {
    return new Limits(
        cpuShares,
        OptionalLong.of(quotaMicros),
        OptionalLong.of(periodMicros),
        memoryBytes,
        memorySwapBytes,
        pids,
        cpusetCpus,
        cpusetMems,
        hugepages,
        unified,
        devices);
  }

  public Limits withMemory(long bytes) {
    return new Limits(
        cpuShares,
        cpuQuotaMicros,
        cpuPeriodMicros,
        OptionalLong.of(bytes),
        memorySwapBytes,
        pids,
        cpusetCpus,
        cpusetMems,
        hugepages,
        unified,
        devices);
  }

  /** Both at once, as one without the other may be refused. */
  public Limits withMemoryAndSwap(long bytes, long memoryAndSwapBytes) {
    return new Limits(
        cpuShares,
        cpuQuotaMicros,
        cpuPeriodMicros,
        OptionalLong.of(bytes),
        OptionalLong.of(memoryAndSwapBytes),
        pids,
        cpusetCpus,
        cpusetMems,
        hugepages,
        unified,
        devices);
  }

  public Limits withPids(long tasks) {
    return new Limits(
        cpuShares,
        cpuQuotaMicros,
        cpuPeriodMicros,
        memoryBytes,
        memorySwapBytes,
        OptionalLong.of(tasks),
        cpusetCpus,
        cpusetMems,
        hugepages,
        unified,
        devices);
  }

  public Limits withCpuset(String cpus, String mems) {
    return new Limits(
        cpuShares,
        cpuQuotaMicros,
        cpuPeriodMicros,
        memoryBytes,
        memorySwapBytes,
        pids,
        Optional.of(cpus),
        Optional.of(mems),
        hugepages,
        unified,
        devices);
  }

  public Limits withHugepages(List<HugepageLimit> limits) {
    return new Limits(
        cpuShares,
        cpuQuotaMicros,
        cpuPeriodMicros,
        memoryBytes,
        memorySwapBytes,
        pids,
        cpusetCpus,
        cpusetMems,
        limits,
        unified,
        devices);
  }

  public Limits withUnified(Map<String, String> files) {
    return new Limits(
        cpuShares,
        cpuQuotaMicros,
        cpuPeriodMicros,
        memoryBytes,
        memorySwapBytes,
        pids,
        cpusetCpus,
        cpusetMems,
        hugepages,
        files,
        devices);
  }

  public Limits withDevices(List<DeviceRule> rules) {
    return new Limits(
        cpuShares,
        cpuQuotaMicros,
        cpuPeriodMicros,
        memoryBytes,
        memorySwapBytes,
        pids,
        cpusetCpus,
        cpusetMems,
        hugepages,
        unified,
        rules);
  }
}
