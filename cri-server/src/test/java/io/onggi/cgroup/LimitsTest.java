package io.onggi.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.onggi.error.CriException;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class LimitsTest {
  private static final Limits EVERYTHING =
      Limits.NONE
          .withCpuShares(1024)
          .withCpuQuota(40_000, 100_000)
          .withMemoryAndSwap(209_715_200, 314_572_800)
          .withPids(64)
          .withCpuset("0-1", "0")
          .withHugepages(List.of(new HugepageLimit("1GB", 0), new HugepageLimit("2MB", 4_194_304)));

  @Test
  void v1WritesEverythingInTheOrderThatANewCgroupAccepts() {
    assertEquals(
        List.of(
            required("cpu", "cpu.shares", "1024"),
            required("cpu", "cpu.cfs_period_us", "100000"),
            required("cpu", "cpu.cfs_quota_us", "40000"),
            required("cpuset", "cpuset.cpus", "0-1"),
            required("cpuset", "cpuset.mems", "0"),
            required("memory", "memory.limit_in_bytes", "209715200"),
            optional("memory", "memory.memsw.limit_in_bytes", "314572800"),
            required("pids", "pids.max", "64"),
            optional("hugetlb", "hugetlb.1GB.limit_in_bytes", "0"),
            required("hugetlb", "hugetlb.2MB.limit_in_bytes", "4194304")),
        CgroupV1.compile(EVERYTHING));
  }

  @Test
  void v2WritesTheSameLimitsInItsOwnFiles() {
    assertEquals(
        List.of(
            required("cpu", "cpu.weight", "39"),
            required("cpu", "cpu.max", "40000 100000"),
            required("cpuset", "cpuset.cpus", "0-1"),
            required("cpuset", "cpuset.mems", "0"),
            required("memory", "memory.max", "209715200"),
            optional("memory", "memory.swap.max", "104857600"),
            required("pids", "pids.max", "64"),
            optional("hugetlb", "hugetlb.1GB.max", "0"),
            required("hugetlb", "hugetlb.2MB.max", "4194304"),
            ControlWrite.unified("io.weight", "50"),
            ControlWrite.unified("memory.high", "1000000")),
        CgroupV2.compile(
            EVERYTHING.withUnified(Map.of("memory.high", "1000000", "io.weight", "50"))));
  }

  @Test
  void nothingAskedForIsNothingWritten() {
    assertEquals(List.of(), CgroupV1.compile(Limits.NONE));
    assertEquals(List.of(), CgroupV2.compile(Limits.NONE));
  }

  @Test
  void noLimitIsMinusOneInV1AndMaxInV2() {
    Limits unlimited = Limits.NONE.withCpuQuota(-1, 100_000).withMemoryAndSwap(-1, -1).withPids(-1);
    assertEquals(
        List.of(
            required("cpu", "cpu.cfs_period_us", "100000"),
            required("cpu", "cpu.cfs_quota_us", "-1"),
            required("memory", "memory.limit_in_bytes", "-1"),
            optional("memory", "memory.memsw.limit_in_bytes", "-1"),
            required("pids", "pids.max", "max")),
        CgroupV1.compile(unlimited));
    assertEquals(
        List.of(
            required("cpu", "cpu.max", "max 100000"),
            required("memory", "memory.max", "max"),
            optional("memory", "memory.swap.max", "max"),
            required("pids", "pids.max", "max")),
        CgroupV2.compile(unlimited));
  }

  @Test
  void memoryAndSwapEqualToMemoryForbidsSwap() {
    Limits noSwap = Limits.NONE.withMemoryAndSwap(1 << 20, 1 << 20);
    assertEquals(
        List.of(
            required("memory", "memory.limit_in_bytes", "1048576"),
            optional("memory", "memory.memsw.limit_in_bytes", "1048576"),
            optional("memory", "memory.swappiness", "0")),
        CgroupV1.compile(noSwap));
    assertEquals(
        List.of(
            required("memory", "memory.max", "1048576"),
            optional("memory", "memory.swap.max", "0")),
        CgroupV2.compile(noSwap));
  }

  @Test
  void v1DeniesAllDevicesBeforeItAllowsSome() {
    Limits limits = Limits.NONE.withDevices(DeviceRule.DEFAULTS.subList(0, 3));
    assertEquals(
        List.of(
            required("devices", "devices.deny", "a"),
            required("devices", "devices.allow", "c *:* m"),
            required("devices", "devices.allow", "b *:* m"),
            required("devices", "devices.allow", "c 1:3 rwm")),
        CgroupV1.compile(limits));
  }

  @Test
  void aRaisedSwapLimitGoesBeforeMemoryAndALoweredOneAfter() {
    List<ControlWrite> writes =
        CgroupV1.compile(Limits.NONE.withMemoryAndSwap(2_000_000, 4_000_000));
    assertEquals(
        List.of("memory.memsw.limit_in_bytes", "memory.limit_in_bytes"),
        files(CgroupV1.orderForUpdate(writes, OptionalLong.of(3_000_000), -1)));
    assertEquals(
        List.of("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"),
        files(CgroupV1.orderForUpdate(writes, OptionalLong.of(Limits.UNLIMITED), -1)));
    List<ControlWrite> lifted = CgroupV1.compile(Limits.NONE.withMemoryAndSwap(-1, -1));
    assertEquals(
        List.of("memory.memsw.limit_in_bytes", "memory.limit_in_bytes"),
        files(CgroupV1.orderForUpdate(lifted, OptionalLong.of(3_000_000), -1)));
  }

  @Test
  void theQuotaIsLiftedWhileThePeriodChanges() {
    List<ControlWrite> writes = CgroupV1.compile(Limits.NONE.withCpuQuota(10_000, 20_000));
    assertEquals(
        List.of(
            required("cpu", "cpu.cfs_quota_us", "-1"),
            required("cpu", "cpu.cfs_period_us", "20000"),
            required("cpu", "cpu.cfs_quota_us", "10000")),
        CgroupV1.orderForUpdate(writes, OptionalLong.empty(), 50_000));
  }

  @Test
  void sharesKeepTheEndsOfTheScaleInV2() {
    assertEquals(1, CgroupV2.weight(2));
    assertEquals(39, CgroupV2.weight(1024));
    assertEquals(10_000, CgroupV2.weight(262_144));
    for (long weight = 1; weight <= 10_000; weight++) {
      assertEquals(weight, CgroupV2.weight(CgroupV2.shares(weight)));
    }
  }

  @Test
  void aChangeOfMemoryAloneKeepsTheSwapBesideIt() {
    Limits noSwap = Limits.NONE.withMemoryAndSwap(100, 100);
    assertEquals(OptionalLong.of(300), Limits.NONE.withMemory(300).over(noSwap).memorySwapBytes());
    Limits someSwap = Limits.NONE.withMemoryAndSwap(100, 150);
    assertEquals(OptionalLong.of(70), Limits.NONE.withMemory(20).over(someSwap).memorySwapBytes());
    assertEquals(OptionalLong.of(-1), Limits.NONE.withMemory(-1).over(someSwap).memorySwapBytes());
    Limits boundless = Limits.NONE.withMemoryAndSwap(100, -1);
    assertEquals(OptionalLong.of(-1), Limits.NONE.withMemory(20).over(boundless).memorySwapBytes());
  }

  @Test
  void aChangeIsLaidOverWhatIsSetAndOnlyThatIsWritten() {
    Limits change = Limits.NONE.withMemory(1 << 20).withUnified(Map.of("memory.oom.group", "1"));
    Limits merged = change.over(EVERYTHING.withUnified(Map.of("memory.high", "5")));
    assertEquals(OptionalLong.of(1024), merged.cpuShares());
    assertEquals(Map.of("memory.high", "5", "memory.oom.group", "1"), merged.unified());
    assertEquals(
        List.of(
            required("memory", "memory.max", "1048576"),
            optional("memory", "memory.swap.max", "104857600"),
            ControlWrite.unified("memory.oom.group", "1")),
        CgroupV2.compile(merged.spokenOfBy(change)));
  }

  @Test
  void swapNeedsMemoryBesideIt() {
    Limits swap = Limits.NONE.withMemoryAndSwap(-1, 5);
    refused("a memory and swap limit of 5 needs a memory limit beside it", swap::requireWhole);
    refused("a memory and swap limit of 5", () -> CgroupV1.compile(swap));
    refused("a memory and swap limit of 5", () -> CgroupV2.compile(swap));
  }

  @Test
  void impossibleLimitsAreRefusedByName() {
    refused("cpu shares of 1 must be between 2 and 262144", () -> Limits.NONE.withCpuShares(1));
    refused(
        "cpu quota (µs) of 10 must be at least 1000 or -1 (no limit)",
        () -> Limits.NONE.withCpuQuota(10, 100_000));
    refused("cpu period (µs) of 1 must be", () -> Limits.NONE.withCpuQuota(1000, 1));
    refused("memory limit (bytes) of 0 must be at least 1", () -> Limits.NONE.withMemory(0));
    refused(
        "the memory and swap limit of 5 bytes counts both and cannot be below the memory limit of"
            + " 6",
        () -> Limits.NONE.withMemoryAndSwap(6, 5));
    refused("cpuset cpus \"0;1\" is not a list", () -> Limits.NONE.withCpuset("0;1", "0"));
    refused(
        "unified key \"memory..high\" is not the name",
        () -> Limits.NONE.withUnified(Map.of("memory..high", "1")));
    refused(
        "unified key \"memory/high.x\" is not the name",
        () -> Limits.NONE.withUnified(Map.of("memory/high.x", "1")));
    refused(
        "unified key \"../x\" is not the name", () -> Limits.NONE.withUnified(Map.of("../x", "1")));
    refused(
        "unified key \"cgroup.kill\" is not the name",
        () -> Limits.NONE.withUnified(Map.of("cgroup.kill", "1")));
    refused(
        "this node runs cgroup v1: the unified keys [memory.high]",
        () -> CgroupV1.compile(Limits.NONE.withUnified(Map.of("memory.high", "1"))));
  }

  private static void refused(String message, Runnable action) {
    CriException.InvalidArgument e = assertThrows(CriException.InvalidArgument.class, action::run);
    assertEquals(
        message, String.valueOf(e.getMessage()).substring(0, message.length()), e.getMessage());
  }

  private static List<String> files(List<ControlWrite> writes) {
    return writes.stream().map(ControlWrite::file).toList();
  }

  private static ControlWrite required(String controller, String file, String value) {
    return ControlWrite.required(controller, file, value);
  }

  private static ControlWrite optional(String controller, String file, String value) {
    return ControlWrite.optional(controller, file, value);
  }
}
