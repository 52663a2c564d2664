package io.onggi.cgroup;

import static io.onggi.cgroup.DetailBuilder.CLOCK_TICK_NANOS;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * cgroup v1: each controller's files in its own hierarchy (Documentation/admin-guide/cgroup-v1).
 */
final class DetailV1 implements DetailReader {
  /**
   * Mount points; a controller that is mounted nowhere has a directory that does not exist.
   *
   * @param hugepages page sizes that the controller shows, such as 2MB
   */
  record Mounts(
      String cpu,
      String cpuacct,
      String memory,
      String pids,
      String blkio,
      String hugetlb,
      List<String> hugepages) {}

  private final ControlBuffer buffer = new ControlBuffer();
  private final Mounts mounts;

  DetailV1(Mounts mounts) {
    this.mounts = mounts;
  }

  @Override
  public String threadsFile(CgroupPath path) {
    return mounts.memory + path + "/tasks";
  }

  @Override
  public Optional<Detail> read(CgroupPath path) {
    DetailBuilder detail = new DetailBuilder(buffer);
    if (!detail.number(Quantity.CPU_NANOS, mounts.cpuacct + path + "/cpuacct.usage")) {
      return Optional.empty();
    }
    cpu(detail, path);
    memory(detail, mounts.memory + path);
    String pids = mounts.pids + path;
    detail.number(Quantity.TASKS, pids + "/pids.current");
    detail.limit(Quantity.TASKS_LIMIT, pids + "/pids.max");
    return Optional.of(detail.build(io(mounts.blkio + path), hugepages(mounts.hugetlb + path)));
  }

  private void cpu(DetailBuilder detail, CgroupPath path) {
    if (detail.file(mounts.cpuacct + path + "/cpuacct.stat")) {
      detail.keyed(Quantity.CPU_USER_NANOS, "user", CLOCK_TICK_NANOS);
      detail.keyed(Quantity.CPU_SYSTEM_NANOS, "system", CLOCK_TICK_NANOS);
    }
    String cpu = mounts.cpu + path;
    if (detail.file(cpu + "/cpu.stat")) {
      detail.keyed(Quantity.CPU_PERIODS, "nr_periods", 1);
      detail.keyed(Quantity.CPU_THROTTLED_PERIODS, "nr_throttled", 1);
      detail.keyed(Quantity.CPU_THROTTLED_NANOS, "throttled_time", 1);
      detail.keyed(Quantity.CPU_BURST_PERIODS, "nr_bursts", 1);
      detail.keyed(Quantity.CPU_BURST_NANOS, "burst_time", 1);
    }
    detail.number(Quantity.CPU_PERIOD_MICROS, cpu + "/cpu.cfs_period_us");
    detail.number(Quantity.CPU_QUOTA_MICROS, cpu + "/cpu.cfs_quota_us"); // -1, none, reads as 0
    detail.number(Quantity.CPU_SHARES, cpu + "/cpu.shares");
  }

  private static void memory(DetailBuilder detail, String directory) {
    detail.number(Quantity.MEMORY_BYTES, directory + "/memory.usage_in_bytes");
    detail.number(Quantity.MEMORY_PEAK_BYTES, directory + "/memory.max_usage_in_bytes");
    detail.number(Quantity.MEMORY_KERNEL_BYTES, directory + "/memory.kmem.usage_in_bytes");
    detail.number(Quantity.MEMORY_LIMIT_HITS, directory + "/memory.failcnt");
    detail.limit(Quantity.MEMORY_LIMIT_BYTES, directory + "/memory.limit_in_bytes");
    detail.limit(Quantity.MEMORY_RESERVATION_BYTES, directory + "/memory.soft_limit_in_bytes");
    detail.limit(Quantity.SWAP_LIMIT_BYTES, directory + "/memory.memsw.limit_in_bytes");
    if (detail.file(directory + "/memory.oom_control")) {
      detail.keyed(Quantity.OOM_KILLS, "oom_kill", 1);
    }
    if (detail.file(directory + "/memory.stat")) {
      detail.keyed(Quantity.MEMORY_CACHE_BYTES, "total_cache", 1);
      detail.keyed(Quantity.MEMORY_RSS_BYTES, "total_rss", 1);
      detail.keyed(Quantity.MEMORY_MAPPED_BYTES, "total_mapped_file", 1);
      detail.keyed(Quantity.MEMORY_ACTIVE_FILE_BYTES, "total_active_file", 1);
      detail.keyed(Quantity.MEMORY_INACTIVE_FILE_BYTES, "total_inactive_file", 1);
      detail.keyed(Quantity.SWAP_BYTES, "total_swap", 1);
      detail.keyed(Quantity.PAGE_FAULTS_LOCAL, "pgfault", 1);
      detail.keyed(Quantity.MAJOR_PAGE_FAULTS_LOCAL, "pgmajfault", 1);
      detail.keyed(Quantity.PAGE_FAULTS, "total_pgfault", 1);
      detail.keyed(Quantity.MAJOR_PAGE_FAULTS, "total_pgmajfault", 1);
    }
  }

  /** Lines of {@code 8:0 Read 4096}; a device without traffic has none. */
  private List<Detail.DeviceIo> io(String directory) {
    Map<String, long[]> devices = new HashMap<>();
    add(devices, directory + "/blkio.throttle.io_service_bytes_recursive", 0);
    add(devices, directory + "/blkio.throttle.io_serviced_recursive", 2);
    return devices.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(
            e -> {
              long[] n = e.getValue();
              return new Detail.DeviceIo(e.getKey(), n[0], n[1], n[2], n[3]);
            })
        .toList();
  }

  private void add(Map<String, long[]> devices, String file, int at) {
    if (!buffer.loadIfServed(file)) {
      return;
    }
    for (String line : buffer.text().split("\n")) {
      String[] words = line.split(" ");
      if (words.length == 3) {
        long[] numbers = devices.computeIfAbsent(words[0], _ -> new long[4]);
        switch (words[1]) {
          case "Read" -> numbers[at] = Long.parseLong(words[2]);
          case "Write" -> numbers[at + 1] = Long.parseLong(words[2]);
          default -> {} // Sync, Async, Discard and Total say it again
        }
      }
    }
  }

  private List<Detail.HugepageUse> hugepages(String directory) {
    List<Detail.HugepageUse> found = new ArrayList<>();
    for (String size : mounts.hugepages) {
      String file = directory + "/hugetlb." + size;
      if (buffer.loadIfServed(file + ".usage_in_bytes")) {
        long now = buffer.number();
        long peak = buffer.loadIfServed(file + ".max_usage_in_bytes") ? buffer.number() : 0;
        long hits = buffer.loadIfServed(file + ".failcnt") ? buffer.number() : 0;
        found.add(new Detail.HugepageUse(size, now, Optional.of(peak), hits));
      }
    }
    return found;
  }
}
