package io.onggi.cgroup;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Limits as cgroup v2 control files. Pure.
 *
 * <p>Source: kernel Documentation/admin-guide/cgroup-v2.rst. {@link Limits#devices()} yields
 * nothing: v2 has no device files but a program, see {@link DeviceFilter}.
 */
public final class CgroupV2 {
  private CgroupV2() {}

  /** The writes; the order does not matter to the kernel, unified keys come last and win. */
  public static List<ControlWrite> compile(Limits limits) {
    limits.requireWhole();
    List<ControlWrite> writes = new ArrayList<>();
    limits
        .cpuShares()
        .ifPresent(n -> writes.add(ControlWrite.required("cpu", "cpu.weight", weight(n))));
    cpuMax(limits, writes);
    limits
        .cpusetCpus()
        .ifPresent(list -> writes.add(ControlWrite.required("cpuset", "cpuset.cpus", list)));
    limits
        .cpusetMems()
        .ifPresent(list -> writes.add(ControlWrite.required("cpuset", "cpuset.mems", list)));
    memory(limits, writes);
    limits.pids().ifPresent(n -> writes.add(ControlWrite.required("pids", "pids.max", orMax(n))));
    for (HugepageLimit page : limits.hugepages()) {
      String file = "hugetlb." + page.pageSize() + ".max";
      // As for v1: the kubelet names every page size, mostly with 0.
      String bytes = Long.toString(page.bytes());
      writes.add(
          page.bytes() == 0
              ? ControlWrite.optional("hugetlb", file, bytes)
              : ControlWrite.required("hugetlb", file, bytes));
    }
    limits.unified().forEach((file, value) -> writes.add(ControlWrite.unified(file, value)));
    return List.copyOf(writes);
  }

  private static void cpuMax(Limits limits, List<ControlWrite> writes) {
    if (limits.cpuQuotaMicros().isEmpty() && limits.cpuPeriodMicros().isEmpty()) {
      return;
    }
    String quota = orMax(limits.cpuQuotaMicros().orElse(Limits.UNLIMITED));
    // one number alone changes the quota and keeps the period
    String value =
        limits.cpuPeriodMicros().isPresent()
            ? quota + " " + limits.cpuPeriodMicros().getAsLong()
            : quota;
    writes.add(ControlWrite.required("cpu", "cpu.max", value));
  }

  private static void memory(Limits limits, List<ControlWrite> writes) {
    limits
        .memoryBytes()
        .ifPresent(n -> writes.add(ControlWrite.required("memory", "memory.max", orMax(n))));
    // a kernel without swap has no such file, and then nothing to forbid
    swap(limits)
        .ifPresent(n -> writes.add(ControlWrite.optional("memory", "memory.swap.max", orMax(n))));
  }

  /** Swap alone, bytes: v2 counts it apart from memory; both must be there or neither bounded. */
  static OptionalLong swap(Limits limits) {
    if (limits.memorySwapBytes().isEmpty()) {
      return OptionalLong.empty();
    }
    long both = limits.memorySwapBytes().getAsLong();
    return OptionalLong.of(
        both == Limits.UNLIMITED
            ? Limits.UNLIMITED
            : both - limits.memoryBytes().orElseThrow()); // requireWhole: it is there
  }

  private static String orMax(long n) {
    return n == Limits.UNLIMITED ? "max" : Long.toString(n);
  }

  /**
   * v1's shares, 2 to 262144, on v2's scale, 1 to 10000, by the line through both ends. It is the
   * kubelet's formula for its own cgroups (KEP-2254), and only the same one keeps a container's
   * proportion to the pods around it.
   */
  static long weight(long shares) {
    return 1 + ((shares - 2) * 9999) / 262_142;
  }

  /** The way back; loses what {@link #weight} rounded away. */
  static long shares(long weight) {
    return 2 + ((weight - 1) * 262_142 + 9998) / 9999;
  }
}
