package io.onggi.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both versions against directory trees with what the kernel writes. */
class DetailReaderTest {
  private static final CgroupPath C = CgroupPath.of("/pods/c");

  @TempDir Path root;

  private void file(String name, String content) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content + "\n");
  }

  private DetailReader v1() {
    return new DetailV1(
        new DetailV1.Mounts(
            root + "/cpu",
            root + "/cpuacct",
            root + "/memory",
            root + "/pids",
            root + "/blkio",
            root + "/hugetlb",
            List.of("2MB")));
  }

  @Test
  void v1_readsEachControllersFiles() throws IOException {
    file("cpuacct/pods/c/cpuacct.usage", "5000000000");
    file("cpuacct/pods/c/cpuacct.stat", "user 300\nsystem 200");
    file("cpu/pods/c/cpu.stat", "nr_periods 7\nnr_throttled 2\nthrottled_time 99");
    file("cpu/pods/c/cpu.cfs_period_us", "100000");
    file("cpu/pods/c/cpu.cfs_quota_us", "-1");
    file("cpu/pods/c/cpu.shares", "512");
    file("memory/pods/c/memory.usage_in_bytes", "9000");
    file("memory/pods/c/memory.limit_in_bytes", "9223372036854771712");
    file("memory/pods/c/memory.soft_limit_in_bytes", "4096");
    file("memory/pods/c/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3");
    file(
        "memory/pods/c/memory.stat",
        "pgfault 1\ntotal_cache 10\ntotal_rss 20\ntotal_pgfault 4\ntotal_inactive_file 5");
    file("pids/pods/c/pids.current", "6");
    file("pids/pods/c/pids.max", "max");
    file(
        "blkio/pods/c/blkio.throttle.io_service_bytes_recursive",
        "8:0 Read 4096\n8:0 Write 8192\n8:0 Sync 12288\n8:0 Total 12288\nTotal 12288");
    file("blkio/pods/c/blkio.throttle.io_serviced_recursive", "8:0 Read 1\n8:0 Write 2\nTotal 3");
    file("hugetlb/pods/c/hugetlb.2MB.usage_in_bytes", "2097152");
    file("hugetlb/pods/c/hugetlb.2MB.max_usage_in_bytes", "4194304");
    file("hugetlb/pods/c/hugetlb.2MB.failcnt", "1");
    Detail detail = v1().read(C).orElseThrow();
    Map<Quantity, Long> expected =
        Map.ofEntries(
            Map.entry(Quantity.CPU_NANOS, 5_000_000_000L),
            Map.entry(Quantity.CPU_USER_NANOS, 3_000_000_000L),
            Map.entry(Quantity.CPU_SYSTEM_NANOS, 2_000_000_000L),
            Map.entry(Quantity.CPU_PERIODS, 7L),
            Map.entry(Quantity.CPU_THROTTLED_PERIODS, 2L),
            Map.entry(Quantity.CPU_THROTTLED_NANOS, 99L),
            Map.entry(Quantity.CPU_PERIOD_MICROS, 100_000L),
            Map.entry(Quantity.CPU_QUOTA_MICROS, 0L),
            Map.entry(Quantity.CPU_SHARES, 512L),
            Map.entry(Quantity.MEMORY_BYTES, 9000L),
            Map.entry(Quantity.MEMORY_LIMIT_BYTES, 0L),
            Map.entry(Quantity.MEMORY_RESERVATION_BYTES, 4096L),
            Map.entry(Quantity.OOM_KILLS, 3L),
            Map.entry(Quantity.PAGE_FAULTS_LOCAL, 1L),
            Map.entry(Quantity.PAGE_FAULTS, 4L),
            Map.entry(Quantity.MEMORY_CACHE_BYTES, 10L),
            Map.entry(Quantity.MEMORY_RSS_BYTES, 20L),
            Map.entry(Quantity.MEMORY_INACTIVE_FILE_BYTES, 5L),
            Map.entry(Quantity.TASKS, 6L),
            Map.entry(Quantity.TASKS_LIMIT, 0L));
    assertEquals(expected, detail.values(), "and nothing of files that are not there");
    assertEquals(List.of(new Detail.DeviceIo("8:0", 4096, 8192, 1, 2)), detail.io());
    assertEquals(
        List.of(new Detail.HugepageUse("2MB", 2_097_152, Optional.of(4_194_304L), 1)),
        detail.hugepages());
  }

  @Test
  void v2_readsTheOneDirectoryWithPressure() throws IOException {
    file("pods/c/cpu.stat", "usage_usec 5000\nuser_usec 3000\nsystem_usec 2000\nnr_periods 7");
    file("pods/c/cpu.max", "50000 100000");
    file("pods/c/cpu.weight", "100");
    file("pods/c/memory.current", "9000");
    file("pods/c/memory.peak", "9500");
    file("pods/c/memory.max", "max");
    file("pods/c/memory.swap.max", "0");
    file("pods/c/memory.events", "low 0\nhigh 0\nmax 4\noom 1\noom_kill 2");
    file("pods/c/memory.stat", "anon 20\nfile 10\nkernel 7\nfile_mapped 3\npgfault 8");
    file("pods/c/pids.current", "6");
    file("pods/c/pids.max", "64");
    file(
        "pods/c/memory.pressure",
        "some avg10=0.00 avg60=0.00 avg300=0.00 total=12\n"
            + "full avg10=0.00 avg60=0.00 avg300=0.00 total=3");
    file("pods/c/io.stat", "8:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n8:16 ");
    file("pods/c/hugetlb.2MB.current", "2097152");
    file("pods/c/hugetlb.2MB.events", "max 5");
    Detail detail = new DetailV2(root.toString(), List.of("1GB", "2MB")).read(C).orElseThrow();
    Map<Quantity, Long> some =
        Map.ofEntries(
            Map.entry(Quantity.CPU_NANOS, 5_000_000L),
            Map.entry(Quantity.CPU_USER_NANOS, 3_000_000L),
            Map.entry(Quantity.CPU_QUOTA_MICROS, 50_000L),
            Map.entry(Quantity.CPU_PERIOD_MICROS, 100_000L),
            Map.entry(Quantity.CPU_SHARES, 2597L),
            Map.entry(Quantity.MEMORY_PEAK_BYTES, 9500L),
            Map.entry(Quantity.MEMORY_LIMIT_BYTES, 0L),
            Map.entry(Quantity.SWAP_LIMIT_BYTES, 0L),
            Map.entry(Quantity.MEMORY_LIMIT_HITS, 4L),
            Map.entry(Quantity.OOM_KILLS, 2L),
            Map.entry(Quantity.MEMORY_KERNEL_BYTES, 7L),
            Map.entry(Quantity.PAGE_FAULTS_LOCAL, 8L),
            Map.entry(Quantity.TASKS_LIMIT, 64L),
            Map.entry(Quantity.MEMORY_SOME_NANOS, 12_000L),
            Map.entry(Quantity.MEMORY_FULL_NANOS, 3_000L));
    some.forEach((quantity, value) -> assertEquals(Optional.of(value), detail.get(quantity)));
    assertEquals(Optional.empty(), detail.get(Quantity.CPU_SOME_NANOS), "no such file");
    assertEquals(List.of(new Detail.DeviceIo("8:0", 4096, 8192, 1, 2)), detail.io());
    assertEquals(
        List.of(new Detail.HugepageUse("2MB", 2_097_152, Optional.empty(), 5)), detail.hugepages());
  }

  @Test
  void aCgroupThatIsGoneIsNoDetail() {
    assertTrue(v1().read(C).isEmpty());
    assertTrue(new DetailV2(root.toString(), List.of()).read(C).isEmpty());
  }

  @Test
  void theSharesOfTheKubeletComeBackFromTheWeight() {
    assertEquals(2, DetailV2.shares(1));
    assertEquals(262_144, DetailV2.shares(10_000));
  }

  @Test
  void hugepagesAreNamedAsTheKernelNamesThem() {
    assertEquals("64KB", Hugepages.named(64));
    assertEquals("2MB", Hugepages.named(2048));
    assertEquals("1GB", Hugepages.named(1 << 20));
  }

  @Test
  void aRealCgroupIsRead() {
    Path mount = Path.of("/sys/fs/cgroup");
    Assumptions.assumeTrue(Files.isWritable(mount), "needs root");
    Cgroups cgroups = Cgroups.detect(mount);
    CgroupPath path = CgroupPath.of("/onggi-test-" + UUID.randomUUID());
    try {
      cgroups.create(path, Limits.NONE.withMemory(64 << 20));
      Detail detail = cgroups.detailReader().read(path).orElseThrow();
      assertEquals(Optional.of(64L << 20), detail.get(Quantity.MEMORY_LIMIT_BYTES));
      assertEquals(Optional.of(0L), detail.get(Quantity.TASKS));
      assertTrue(detail.get(Quantity.CPU_NANOS).isPresent(), detail.toString());
      assertTrue(detail.get(Quantity.OOM_KILLS).isPresent(), detail.toString());
    } finally {
      cgroups.remove(path);
    }
  }
}
