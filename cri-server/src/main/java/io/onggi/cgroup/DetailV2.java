package io.onggi.cgroup;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** cgroup v2: one directory (Documentation/admin-guide/cgroup-v2.rst). */
final class DetailV2 implements DetailReader {
  private static final long MICRO_NANOS = 1000;
  private static final byte[] MAX = "max".getBytes(StandardCharsets.US_ASCII);

  private final ControlBuffer buffer = new ControlBuffer();
  private final String root;
  private final List<String> hugepages;

  /**
   * @param hugepages page sizes of this machine, such as 2MB
   */
  DetailV2(String root, List<String> hugepages) {
    this.root = root;
    this.hugepages = List.copyOf(hugepages);
  }

  @Override
  public String threadsFile(CgroupPath path) {
    return root + path + "/cgroup.threads";
  }

  @Override
  public Optional<Detail> read(CgroupPath path) {
    String directory = root + path;
    DetailBuilder detail = new DetailBuilder(buffer);
    if (!detail.file(directory + "/cpu.stat")) {
      return Optional.empty();
    }
    detail.keyed(Quantity.CPU_NANOS, "usage_usec", MICRO_NANOS);
    detail.keyed(Quantity.CPU_USER_NANOS, "user_usec", MICRO_NANOS);
    detail.keyed(Quantity.CPU_SYSTEM_NANOS, "system_usec", MICRO_NANOS);
    detail.keyed(Quantity.CPU_PERIODS, "nr_periods", 1);
    detail.keyed(Quantity.CPU_THROTTLED_PERIODS, "nr_throttled", 1);
    detail.keyed(Quantity.CPU_THROTTLED_NANOS, "throttled_usec", MICRO_NANOS);
    detail.keyed(Quantity.CPU_BURST_PERIODS, "nr_bursts", 1);
    detail.keyed(Quantity.CPU_BURST_NANOS, "burst_usec", MICRO_NANOS);
    cpuLimits(detail, directory);
    memory(detail, directory);
    detail.number(Quantity.TASKS, directory + "/pids.current");
    detail.limit(Quantity.TASKS_LIMIT, directory + "/pids.max");
    pressure(detail, directory + "/cpu.pressure", Quantity.CPU_SOME_NANOS, Quantity.CPU_FULL_NANOS);
    pressure(
        detail,
        directory + "/memory.pressure",
        Quantity.MEMORY_SOME_NANOS,
        Quantity.MEMORY_FULL_NANOS);
    pressure(detail, directory + "/io.pressure", Quantity.IO_SOME_NANOS, Quantity.IO_FULL_NANOS);
    return Optional.of(detail.build(io(directory), hugepages(directory)));
  }

  /** {@code cpu.max} holds quota and period; a weight is told as the shares it stands for. */
  private void cpuLimits(DetailBuilder detail, String directory) {
    if (buffer.loadIfServed(directory + "/cpu.max")) {
      String[] words = buffer.text().strip().split(" ");
      if (words.length == 2) {
        detail.put(Quantity.CPU_QUOTA_MICROS, words[0].equals("max") ? 0 : parse(words[0]));
        detail.put(Quantity.CPU_PERIOD_MICROS, parse(words[1]));
      }
    }
    if (buffer.loadIfServed(directory + "/cpu.weight")) {
      detail.put(Quantity.CPU_SHARES, shares(buffer.number()));
    }
  }

  /** The inverse of the kubelet's {@code weight = 1 + (shares - 2) * 9999 / 262142}. */
  static long shares(long weight) {
    return 2 + (Math.max(1, weight) - 1) * 262_142 / 9_999;
  }

  private void memory(DetailBuilder detail, String directory) {
    detail.number(Quantity.MEMORY_BYTES, directory + "/memory.current");
    detail.number(Quantity.MEMORY_PEAK_BYTES, directory + "/memory.peak");
    detail.limit(Quantity.MEMORY_LIMIT_BYTES, directory + "/memory.max");
    detail.limit(Quantity.MEMORY_RESERVATION_BYTES, directory + "/memory.low");
    detail.number(Quantity.SWAP_BYTES, directory + "/memory.swap.current");
    detail.limit(Quantity.SWAP_LIMIT_BYTES, directory + "/memory.swap.max");
    if (detail.file(directory + "/memory.events")) {
      detail.keyed(Quantity.MEMORY_LIMIT_HITS, "max", 1);
      detail.keyed(Quantity.OOM_KILLS, "oom_kill", 1);
    }
    if (detail.file(directory + "/memory.stat")) {
      detail.keyed(Quantity.MEMORY_CACHE_BYTES, "file", 1);
      detail.keyed(Quantity.MEMORY_RSS_BYTES, "anon", 1);
      detail.keyed(Quantity.MEMORY_KERNEL_BYTES, "kernel", 1);
      detail.keyed(Quantity.MEMORY_MAPPED_BYTES, "file_mapped", 1);
      detail.keyed(Quantity.MEMORY_ACTIVE_FILE_BYTES, "active_file", 1);
      detail.keyed(Quantity.MEMORY_INACTIVE_FILE_BYTES, "inactive_file", 1);
      // v2 counts what is below with it: the two scopes are the same number
      detail.keyed(Quantity.PAGE_FAULTS, "pgfault", 1);
      detail.keyed(Quantity.PAGE_FAULTS_LOCAL, "pgfault", 1);
      detail.keyed(Quantity.MAJOR_PAGE_FAULTS, "pgmajfault", 1);
      detail.keyed(Quantity.MAJOR_PAGE_FAULTS_LOCAL, "pgmajfault", 1);
    }
  }

  private void pressure(DetailBuilder detail, String file, Quantity some, Quantity full) {
    if (buffer.loadIfServed(file)) {
      Pressure.parse(buffer.text())
          .ifPresent(
              p -> {
                detail.put(some, p.some().totalNanos());
                p.full().ifPresent(f -> detail.put(full, f.totalNanos()));
              });
    }
  }

  /** Lines of {@code 8:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0}. */
  private List<Detail.DeviceIo> io(String directory) {
    List<Detail.DeviceIo> found = new ArrayList<>();
    if (!buffer.loadIfServed(directory + "/io.stat")) {
      return found;
    }
    for (String line : buffer.text().split("\n")) {
      String[] words = line.strip().split(" ");
      if (words.length > 1) {
        found.add(
            new Detail.DeviceIo(
                words[0],
                named(words, "rbytes="),
                named(words, "wbytes="),
                named(words, "rios="),
                named(words, "wios=")));
      }
    }
    return found;
  }

  private static long named(String[] words, String key) {
    for (String word : words) {
      if (word.startsWith(key)) {
        return parse(word.substring(key.length()));
      }
    }
    return 0;
  }

  private List<Detail.HugepageUse> hugepages(String directory) {
    List<Detail.HugepageUse> found = new ArrayList<>();
    for (String size : hugepages) {
      String file = directory + "/hugetlb." + size;
      if (buffer.loadIfServed(file + ".current")) {
        long now = buffer.number();
        long hits = buffer.loadIfServed(file + ".events") ? buffer.keyed(MAX).orElse(0) : 0;
        found.add(new Detail.HugepageUse(size, now, Optional.empty(), hits));
      }
    }
    return found;
  }

  private static long parse(String digits) {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException _) {
      return 0; // a form that no kernel writes today
    }
  }
}
