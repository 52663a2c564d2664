package io.onggi.cgroup;

import io.onggi.error.CriException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;

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

  /** Linux' bound of a file's name. */
  private static final int NAME_MAX = 255;

  /** CONTROLLER.FILE, so no folder and none above. */
  private static final Pattern CONTROL_FILE = Pattern.compile("[a-z0-9_]+(\\.[A-Za-z0-9_-]+)+");

  /** The largest weight that the kernel takes. */
  public static final long MOST_SHARES = 262_144;

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
    requireRange("cpu shares", cpuShares, 2, MOST_SHARES, false);
    requireRange("cpu quota (µs)", cpuQuotaMicros, 1_000, Long.MAX_VALUE, true);
    requireRange("cpu period (µs)", cpuPeriodMicros, 1_000, 1_000_000, false);
    requireRange("memory limit (bytes)", memoryBytes, 1, Long.MAX_VALUE, true);
    requireRange("memory and swap limit (bytes)", memorySwapBytes, 1, Long.MAX_VALUE, true);
    requireRange("pids limit", pids, 0, Long.MAX_VALUE, true);
    requireList("cpuset cpus", cpusetCpus);
    requireList("cpuset mems", cpusetMems);
    requireSwapCoversMemory(memoryBytes, memorySwapBytes);
    unified.forEach(Limits::requireControlFile);
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
      return; // a change may say one of the two; what comes of it is judged by requireWhole
    }
    if (swap.getAsLong() < memory.getAsLong()) {
      throw new CriException.InvalidArgument(
          "the memory and swap limit of "
              + swap.getAsLong()
              + " bytes counts both and cannot be below the memory limit of "
              + memory.getAsLong());
    }
  }

  private static void requireControlFile(String name, String value) {
    boolean possible = name.length() <= NAME_MAX && CONTROL_FILE.matcher(name).matches();
    if (!possible || name.startsWith("cgroup.")) {
      throw new CriException.InvalidArgument(
          "unified key \"" + name + "\" is not the name of a controller's file, as memory.high");
    }
    if (value.chars().anyMatch(c -> c < ' ' && c != '\n' && c != '\t')) {
      throw new CriException.InvalidArgument(
          "unified key \"" + name + "\": its value holds a control character");
    }
  }

  /** True where memory is bounded and swap is forbidden. */
  public boolean forbidsSwap() {
    return memorySwapBytes.isPresent()
        && memoryBytes.isPresent()
        && memorySwapBytes.getAsLong() != UNLIMITED
        && memorySwapBytes.getAsLong() == memoryBytes.getAsLong();
  }

  /** True where memory or swap is spoken of. */
  boolean saysMemory() {
    return memoryBytes.isPresent() || memorySwapBytes.isPresent();
  }

  /**
   * This change laid over what is set: what it does not say stays. A change of memory alone keeps
   * the swap that may be used beside it, which for most containers is none; devices are not part of
   * a change.
   *
   * @throws CriException.InvalidArgument when the two together are impossible
   */
  public Limits over(Limits old) {
    return with(
        d -> {
          d.cpuShares = or(cpuShares, old.cpuShares);
          d.cpuQuotaMicros = or(cpuQuotaMicros, old.cpuQuotaMicros);
          d.cpuPeriodMicros = or(cpuPeriodMicros, old.cpuPeriodMicros);
          d.memoryBytes = or(memoryBytes, old.memoryBytes);
          d.memorySwapBytes = or(memorySwapBytes, old.swapBeside(memoryBytes));
          d.pids = or(pids, old.pids);
          d.cpusetCpus = cpusetCpus.or(old::cpusetCpus);
          d.cpusetMems = cpusetMems.or(old::cpusetMems);
          d.hugepages = HugepageLimit.over(hugepages, old.hugepages);
          d.unified = new TreeMap<>(old.unified);
          d.unified.putAll(unified);
          d.devices = old.devices;
        });
  }

  /** Memory and swap together, when memory alone becomes {@code memory}. */
  private OptionalLong swapBeside(OptionalLong memory) {
    boolean stays =
        memory.isEmpty()
            || memorySwapBytes.isEmpty()
            || memorySwapBytes.getAsLong() == UNLIMITED
            || memoryBytes.orElse(UNLIMITED) == UNLIMITED;
    if (stays) {
      return memorySwapBytes;
    }
    if (memory.getAsLong() == UNLIMITED) {
      return OptionalLong.of(UNLIMITED);
    }
    long swap = memorySwapBytes.getAsLong() - memoryBytes.getAsLong();
    return OptionalLong.of(
        memory.getAsLong() > Long.MAX_VALUE - swap ? UNLIMITED : memory.getAsLong() + swap);
  }

  private static OptionalLong or(OptionalLong first, OptionalLong second) {
    return first.isPresent() ? first : second;
  }

  /**
   * Of these limits those that {@code change} speaks of: what an update has to write. Memory and
   * swap go together, and so do quota and period, as v2 has no file for one alone.
   */
  public Limits spokenOfBy(Limits change) {
    boolean quota = change.cpuQuotaMicros.isPresent() || change.cpuPeriodMicros.isPresent();
    return NONE.with(
        d -> {
          d.cpuShares = change.cpuShares.isPresent() ? cpuShares : d.cpuShares;
          d.cpuQuotaMicros = quota ? cpuQuotaMicros : d.cpuQuotaMicros;
          d.cpuPeriodMicros = quota ? cpuPeriodMicros : d.cpuPeriodMicros;
          d.memoryBytes = change.saysMemory() ? memoryBytes : d.memoryBytes;
          d.memorySwapBytes = change.saysMemory() ? memorySwapBytes : d.memorySwapBytes;
          d.pids = change.pids.isPresent() ? pids : d.pids;
          d.cpusetCpus = change.cpusetCpus.isPresent() ? cpusetCpus : d.cpusetCpus;
          d.cpusetMems = change.cpusetMems.isPresent() ? cpusetMems : d.cpusetMems;
          d.hugepages = change.hugepages;
          d.unified = change.unified;
        });
  }

  /**
   * Refuses a limit of memory and swap without one of memory: no kernel has a form for it.
   *
   * @throws CriException.InvalidArgument naming both
   */
  public Limits requireWhole() {
    boolean swapped = memorySwapBytes.isPresent() && memorySwapBytes.getAsLong() != UNLIMITED;
    if (swapped && memoryBytes.orElse(UNLIMITED) == UNLIMITED) {
      throw new CriException.InvalidArgument(
          "a memory and swap limit of "
              + memorySwapBytes.getAsLong()
              + " needs a memory limit beside it");
    }
    return this;
  }

  public Limits withCpuShares(long shares) {
    return with(d -> d.cpuShares = OptionalLong.of(shares));
  }

  public Limits withCpuQuota(long quotaMicros, long periodMicros) {
    return with(
        d -> {
          d.cpuQuotaMicros = OptionalLong.of(quotaMicros);
          d.cpuPeriodMicros = OptionalLong.of(periodMicros);
        });
  }

  public Limits withMemory(long bytes) {
    return with(d -> d.memoryBytes = OptionalLong.of(bytes));
  }

  /** Both at once, as one without the other may be refused. */
  public Limits withMemoryAndSwap(long bytes, long memoryAndSwapBytes) {
    return with(
        d -> {
          d.memoryBytes = OptionalLong.of(bytes);
          d.memorySwapBytes = OptionalLong.of(memoryAndSwapBytes);
        });
  }

  public Limits withPids(long tasks) {
    return with(d -> d.pids = OptionalLong.of(tasks));
  }

  public Limits withCpuset(String cpus, String mems) {
    return with(
        d -> {
          d.cpusetCpus = Optional.of(cpus);
          d.cpusetMems = Optional.of(mems);
        });
  }

  public Limits withHugepages(List<HugepageLimit> limits) {
    return with(d -> d.hugepages = limits);
  }

  public Limits withUnified(Map<String, String> files) {
    return with(d -> d.unified = files);
  }

  public Limits withDevices(List<DeviceRule> rules) {
    return with(d -> d.devices = rules);
  }

  private Limits with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return new Limits(
        draft.cpuShares,
        draft.cpuQuotaMicros,
        draft.cpuPeriodMicros,
        draft.memoryBytes,
        draft.memorySwapBytes,
        draft.pids,
        draft.cpusetCpus,
        draft.cpusetMems,
        draft.hugepages,
        draft.unified,
        draft.devices);
  }

  /** The parts while some of them are changed. */
  private static final class Draft {
    OptionalLong cpuShares;
    OptionalLong cpuQuotaMicros;
    OptionalLong cpuPeriodMicros;
    OptionalLong memoryBytes;
    OptionalLong memorySwapBytes;
    OptionalLong pids;
    Optional<String> cpusetCpus;
    Optional<String> cpusetMems;
    List<HugepageLimit> hugepages;
    Map<String, String> unified;
    List<DeviceRule> devices;

    Draft(Limits of) {
      cpuShares = of.cpuShares;
      cpuQuotaMicros = of.cpuQuotaMicros;
      cpuPeriodMicros = of.cpuPeriodMicros;
      memoryBytes = of.memoryBytes;
      memorySwapBytes = of.memorySwapBytes;
      pids = of.pids;
      cpusetCpus = of.cpusetCpus;
      cpusetMems = of.cpusetMems;
      hugepages = of.hugepages;
      unified = of.unified;
      devices = of.devices;
    }
  }
}
