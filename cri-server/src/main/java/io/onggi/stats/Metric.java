package io.onggi.stats;

import com.google.common.collect.ImmutableList;
import io.onggi.cgroup.Quantity;
import java.util.List;
import java.util.Optional;

/**
 * Every metric that a pod or container may have. The names, labels and units are those under which
 * cAdvisor v0.56.2 exports container metrics on Linux, for dashboards and alerts are written for
 * them; the list is the same on every node, and what a node's kernel does not tell is absent from
 * its values. CRI's values are whole numbers, so seconds are whole seconds.
 */
public enum Metric {
  LAST_SEEN("container_last_seen", "When the container was last seen, Unix seconds.", false),
  START_TIME("container_start_time_seconds", "When it was started, Unix seconds.", false),
  CPU_USAGE("container_cpu_usage_seconds_total", "CPU time used.", true, "cpu"),
  CPU_USER(
      "container_cpu_user_seconds_total",
      "CPU time used in user mode.",
      true,
      Quantity.CPU_USER_NANOS),
  CPU_SYSTEM(
      "container_cpu_system_seconds_total",
      "CPU time used in the kernel.",
      true,
      Quantity.CPU_SYSTEM_NANOS),
  CFS_PERIODS(
      "container_cpu_cfs_periods_total",
      "Periods of the CPU limit that have passed.",
      true,
      Quantity.CPU_PERIODS),
  CFS_THROTTLED_PERIODS(
      "container_cpu_cfs_throttled_periods_total",
      "Periods in which the CPU limit held it back.",
      true,
      Quantity.CPU_THROTTLED_PERIODS),
  CFS_THROTTLED(
      "container_cpu_cfs_throttled_seconds_total",
      "Time that the CPU limit held it back.",
      true,
      Quantity.CPU_THROTTLED_NANOS),
  CFS_BURST_PERIODS(
      "container_cpu_cfs_burst_periods_total",
      "Periods in which it used saved CPU time.",
      true,
      Quantity.CPU_BURST_PERIODS),
  CFS_BURST(
      "container_cpu_cfs_burst_seconds_total",
      "Saved CPU time that it used.",
      true,
      Quantity.CPU_BURST_NANOS),
  LOAD_10S(
      "container_cpu_load_average_10s",
      "Running threads, averaged over about 10 s, in thousandths.",
      false),
  LOAD_D_10S(
      "container_cpu_load_d_average_10s",
      "Threads in uninterruptible sleep, averaged over about 10 s, in thousandths.",
      false),
  TASKS_STATE("container_tasks_state", "Threads in a state.", false, "state"),
  HUGETLB_FAILCNT(
      "container_hugetlb_failcnt", "Hugepages that the limit refused.", true, "pagesize"),
  HUGETLB_USAGE("container_hugetlb_usage_bytes", "Hugepages in use.", false, "pagesize"),
  HUGETLB_MAX("container_hugetlb_max_usage_bytes", "Most hugepages used.", false, "pagesize"),
  MEMORY_CACHE("container_memory_cache", "Page cache, bytes.", false, Quantity.MEMORY_CACHE_BYTES),
  MEMORY_RSS("container_memory_rss", "Anonymous memory, bytes.", false, Quantity.MEMORY_RSS_BYTES),
  MEMORY_KERNEL(
      "container_memory_kernel_usage",
      "Memory of the kernel for it, bytes.",
      false,
      Quantity.MEMORY_KERNEL_BYTES),
  MEMORY_MAPPED(
      "container_memory_mapped_file",
      "Files mapped into memory, bytes.",
      false,
      Quantity.MEMORY_MAPPED_BYTES),
  MEMORY_SWAP("container_memory_swap", "Swap in use, bytes.", false, Quantity.SWAP_BYTES),
  MEMORY_FAILCNT(
      "container_memory_failcnt",
      "How often the memory limit was hit.",
      true,
      Quantity.MEMORY_LIMIT_HITS),
  MEMORY_USAGE(
      "container_memory_usage_bytes",
      "Memory charged, page cache included.",
      false,
      Quantity.MEMORY_BYTES),
  MEMORY_MAX(
      "container_memory_max_usage_bytes",
      "Most memory charged at a time.",
      false,
      Quantity.MEMORY_PEAK_BYTES),
  MEMORY_WORKING_SET(
      "container_memory_working_set_bytes",
      "Memory charged less inactive file pages: what eviction looks at.",
      false),
  MEMORY_ACTIVE_FILE(
      "container_memory_total_active_file_bytes",
      "File pages lately used.",
      false,
      Quantity.MEMORY_ACTIVE_FILE_BYTES),
  MEMORY_INACTIVE_FILE(
      "container_memory_total_inactive_file_bytes",
      "File pages not lately used.",
      false,
      Quantity.MEMORY_INACTIVE_FILE_BYTES),
  MEMORY_FAILURES("container_memory_failures_total", "Page faults.", true, "failure_type", "scope"),
  FS_INODES_FREE("container_fs_inodes_free", "Free inodes of its disk.", false, "device"),
  FS_INODES("container_fs_inodes_total", "Inodes of its disk.", false, "device"),
  FS_LIMIT("container_fs_limit_bytes", "Size of its disk.", false, "device"),
  FS_USAGE("container_fs_usage_bytes", "What it wrote over its image.", false, "device"),
  FS_READ_BYTES("container_fs_reads_bytes_total", "Bytes read from disk.", true, "device"),
  FS_READS("container_fs_reads_total", "Reads from disk.", true, "device"),
  FS_WRITTEN_BYTES("container_fs_writes_bytes_total", "Bytes written to disk.", true, "device"),
  FS_WRITES("container_fs_writes_total", "Writes to disk.", true, "device"),
  BLKIO(
      "container_blkio_device_usage_total",
      "Bytes to and from a block device.",
      true,
      "device",
      "major",
      "minor",
      "operation"),
  RECEIVE_BYTES("container_network_receive_bytes_total", "Bytes received.", true, "interface"),
  RECEIVE_PACKETS(
      "container_network_receive_packets_total", "Packets received.", true, "interface"),
  RECEIVE_DROPPED(
      "container_network_receive_packets_dropped_total",
      "Packets dropped on their way in.",
      true,
      "interface"),
  RECEIVE_ERRORS(
      "container_network_receive_errors_total", "Errors while receiving.", true, "interface"),
  TRANSMIT_BYTES("container_network_transmit_bytes_total", "Bytes sent.", true, "interface"),
  TRANSMIT_PACKETS("container_network_transmit_packets_total", "Packets sent.", true, "interface"),
  TRANSMIT_DROPPED(
      "container_network_transmit_packets_dropped_total",
      "Packets dropped on their way out.",
      true,
      "interface"),
  TRANSMIT_ERRORS(
      "container_network_transmit_errors_total", "Errors while sending.", true, "interface"),
  PROCESSES("container_processes", "Processes.", false),
  FILE_DESCRIPTORS("container_file_descriptors", "Open file descriptors.", false),
  SOCKETS("container_sockets", "Open sockets.", false),
  THREADS("container_threads", "Threads.", false, Quantity.TASKS),
  THREADS_MAX(
      "container_threads_max", "Most threads allowed; 0 for any.", false, Quantity.TASKS_LIMIT),
  ULIMITS(
      "container_ulimits_soft", "Soft limits of its first process; -1 for none.", false, "ulimit"),
  OOM_EVENTS(
      "container_oom_events_total",
      "Processes killed for want of memory.",
      true,
      Quantity.OOM_KILLS),
  CPU_STALLED(
      "container_pressure_cpu_stalled_seconds_total",
      "Time in which no thread could run for want of CPU.",
      true,
      Quantity.CPU_FULL_NANOS),
  CPU_WAITING(
      "container_pressure_cpu_waiting_seconds_total",
      "Time in which a thread waited for CPU.",
      true,
      Quantity.CPU_SOME_NANOS),
  MEMORY_STALLED(
      "container_pressure_memory_stalled_seconds_total",
      "Time in which no thread could run for want of memory.",
      true,
      Quantity.MEMORY_FULL_NANOS),
  MEMORY_WAITING(
      "container_pressure_memory_waiting_seconds_total",
      "Time in which a thread waited for memory.",
      true,
      Quantity.MEMORY_SOME_NANOS),
  IO_STALLED(
      "container_pressure_io_stalled_seconds_total",
      "Time in which no thread could run for want of disk.",
      true,
      Quantity.IO_FULL_NANOS),
  IO_WAITING(
      "container_pressure_io_waiting_seconds_total",
      "Time in which a thread waited for disk.",
      true,
      Quantity.IO_SOME_NANOS),
  SPEC_CPU_PERIOD(
      "container_spec_cpu_period",
      "Period of its CPU limit, microseconds.",
      false,
      Quantity.CPU_PERIOD_MICROS),
  SPEC_CPU_QUOTA("container_spec_cpu_quota", "CPU limit, microseconds a period.", false),
  SPEC_CPU_SHARES("container_spec_cpu_shares", "CPU shares.", false, Quantity.CPU_SHARES),
  SPEC_MEMORY(
      "container_spec_memory_limit_bytes",
      "Memory limit; 0 for none.",
      false,
      Quantity.MEMORY_LIMIT_BYTES),
  SPEC_MEMORY_RESERVATION(
      "container_spec_memory_reservation_limit_bytes",
      "Memory that it keeps under pressure; 0 for none.",
      false,
      Quantity.MEMORY_RESERVATION_BYTES),
  SPEC_SWAP(
      "container_spec_memory_swap_limit_bytes",
      "Swap limit; 0 for none.",
      false,
      Quantity.SWAP_LIMIT_BYTES);

  private final String cadvisorName;
  private final String help;
  private final boolean counter;
  private final Optional<Quantity> quantity;
  private final ImmutableList<String> labels;

  Metric(String name, String help, boolean counter, String... labels) {
    this.cadvisorName = name;
    this.help = help;
    this.counter = counter;
    this.quantity = Optional.empty();
    this.labels = ImmutableList.copyOf(labels);
  }

  Metric(String name, String help, boolean counter, Quantity quantity) {
    this.cadvisorName = name;
    this.help = help;
    this.counter = counter;
    this.quantity = Optional.of(quantity);
    this.labels = ImmutableList.of();
  }

  public String metricName() {
    return cadvisorName;
  }

  public String help() {
    return help;
  }

  /** Only ever rises; otherwise a gauge. */
  public boolean isCounter() {
    return counter;
  }

  /** Labels beyond those that every metric has. */
  public List<String> labels() {
    return labels;
  }

  /** The one number of the kernel that it is; empty for one that is worked out. */
  Optional<Quantity> quantity() {
    return quantity;
  }

  boolean isSeconds() {
    return cadvisorName.endsWith("_seconds_total");
  }
}
