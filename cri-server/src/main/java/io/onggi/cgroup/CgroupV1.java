package io.onggi.cgroup;

import io.onggi.error.CriException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Limits as cgroup v1 control files. Pure.
 *
 * <p>Sources: kernel Documentation/scheduler/sched-bwc.rst (cpu.cfs_*), and
 * Documentation/admin-guide/cgroup-v1/ memory.rst, cpusets.rst, pids.rst, hugetlb.rst, devices.rst.
 */
public final class CgroupV1 {
  static final String MEMORY_LIMIT = "memory.limit_in_bytes";
  static final String MEMSW_LIMIT = "memory.memsw.limit_in_bytes";
  static final String SWAPPINESS = "memory.swappiness";
  static final String QUOTA = "cpu.cfs_quota_us";
  static final String PERIOD = "cpu.cfs_period_us";

  private CgroupV1() {}

  /**
   * The writes, in the order for a new cgroup (everything unlimited before).
   *
   * <p>Memory comes before memory and swap, as the kernel holds the first to be at most the second
   * at all times. Where swap is forbidden, swappiness 0 goes along: a kernel without swap
   * accounting has no memsw file, and there it is all that can be said.
   *
   * @throws CriException.InvalidArgument for v2-only parts
   */
  public static List<ControlWrite> compile(Limits limits) {
    if (!limits.unified().isEmpty()) {
      throw new CriException.InvalidArgument(
          "this node runs cgroup v1: the unified keys "
              + limits.unified().keySet()
              + " exist in cgroup v2 only; remove them from the container");
    }
    limits.requireWhole();
    List<ControlWrite> writes = new ArrayList<>();
    cpu(limits, writes);
    cpuset(limits, writes);
    memory(limits, writes);
    limits.pids().ifPresent(n -> writes.add(ControlWrite.required("pids", "pids.max", count(n))));
    for (HugepageLimit page : limits.hugepages()) {
      String file = "hugetlb." + page.pageSize() + ".limit_in_bytes";
      // The kubelet names every page size of the node, mostly with 0; many kernels bind no hugetlb.
      String bytes = Long.toString(page.bytes());
      writes.add(
          page.bytes() == 0
              ? ControlWrite.optional("hugetlb", file, bytes)
              : ControlWrite.required("hugetlb", file, bytes));
    }
    devices(limits, writes);
    return List.copyOf(writes);
  }

  private static void cpu(Limits limits, List<ControlWrite> writes) {
    limits.cpuShares().ifPresent(n -> writes.add(ControlWrite.required("cpu", "cpu.shares", n)));
    limits.cpuPeriodMicros().ifPresent(n -> writes.add(ControlWrite.required("cpu", PERIOD, n)));
    limits.cpuQuotaMicros().ifPresent(n -> writes.add(ControlWrite.required("cpu", QUOTA, n)));
  }

  private static void cpuset(Limits limits, List<ControlWrite> writes) {
    limits
        .cpusetCpus()
        .ifPresent(list -> writes.add(ControlWrite.required("cpuset", "cpuset.cpus", list)));
    limits
        .cpusetMems()
        .ifPresent(list -> writes.add(ControlWrite.required("cpuset", "cpuset.mems", list)));
  }

  private static void memory(Limits limits, List<ControlWrite> writes) {
    limits
        .memoryBytes()
        .ifPresent(n -> writes.add(ControlWrite.required("memory", MEMORY_LIMIT, n)));
    OptionalLong both = limits.memorySwapBytes();
    if (both.isPresent()) {
      writes.add(ControlWrite.optional("memory", MEMSW_LIMIT, both.getAsLong()));
    }
    if (limits.forbidsSwap()) {
      writes.add(ControlWrite.optional("memory", SWAPPINESS, 0));
    }
  }

  private static void devices(Limits limits, List<ControlWrite> writes) {
    if (limits.devices().isEmpty()) {
      return;
    }
    writes.add(ControlWrite.required("devices", "devices.deny", "a"));
    for (DeviceRule rule : limits.devices()) {
      writes.add(ControlWrite.required("devices", "devices.allow", rule.kernelForm()));
    }
  }

  private static String count(long n) {
    return n == Limits.UNLIMITED ? "max" : Long.toString(n);
  }

  /**
   * The same writes in an order that the kernel accepts step by step for a cgroup that has limits
   * already: memory and swap before memory when the former is raised; the quota lifted before the
   * period changes, as a quota is checked against the parent's in units of the period (kernel
   * sched/core.c, tg_cfs_schedulable_down). Devices are left out: the kernel refuses to deny all
   * once the cgroup has children.
   *
   * @param writes what {@link #compile} gave
   * @param currentMemsw bytes, {@link Limits#UNLIMITED} for none; empty without swap accounting
   * @param currentQuota microseconds, -1 for none
   */
  static List<ControlWrite> orderForUpdate(
      List<ControlWrite> writes, OptionalLong currentMemsw, long currentQuota) {
    List<ControlWrite> ordered = new ArrayList<>();
    for (ControlWrite write : writes) {
      if (write.controller().equals("devices")) {
        continue;
      }
      if (write.file().equals(MEMSW_LIMIT)
          && currentMemsw.isPresent()
          && atLeast(Long.parseLong(write.value()), currentMemsw.getAsLong())) {
        ordered.add(indexOf(ordered, MEMORY_LIMIT), write);
        continue;
      }
      if (write.file().equals(PERIOD) && currentQuota != Limits.UNLIMITED) {
        ordered.add(ControlWrite.required("cpu", QUOTA, Limits.UNLIMITED));
        ordered.add(write);
        if (indexOf(writes, QUOTA) == writes.size()) {
          ordered.add(ControlWrite.required("cpu", QUOTA, currentQuota));
        }
        continue;
      }
      ordered.add(write);
    }
    return List.copyOf(ordered);
  }

  private static boolean atLeast(long wanted, long current) {
    return wanted == Limits.UNLIMITED || (current != Limits.UNLIMITED && wanted >= current);
  }

  /** Where the file's write stands; the list's size if nowhere. */
  private static int indexOf(List<ControlWrite> writes, String file) {
    for (int i = 0; i < writes.size(); i++) {
      if (writes.get(i).file().equals(file)) {
        return i;
      }
    }
    return writes.size();
  }
}
