package io.onggi.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.error.CriException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** On the real kernel, in a cgroup of its own that is gone afterwards. */
class CgroupfsV1Test {
  private static final Path ROOT = Path.of("/sys/fs/cgroup");

  private final Cgroups cgroups = Cgroups.detect(ROOT);
  private final CgroupPath top = CgroupPath.of("/onggi-test-" + UUID.randomUUID());
  private final CgroupPath container = top.child("pod").child("container");
  private final List<Process> processes = new ArrayList<>();

  @BeforeAll
  static void needsV1() {
    Assumptions.assumeTrue(
        !Files.exists(ROOT.resolve("cgroup.controllers")) && Files.exists(ROOT.resolve("memory")),
        "this kernel runs cgroup v2");
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    if (cgroups.exists(top)) {
      cgroups.killAll(top);
    }
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
    cgroups.remove(top);
    assertEquals(List.of(), directories(top));
  }

  private List<Path> directories(CgroupPath path) {
    return cgroups.joinFiles(path).stream()
        .map(file -> java.util.Optional.ofNullable(file.getParent()).orElseThrow())
        .filter(Files::exists)
        .toList();
  }

  private static String read(String controller, CgroupPath path, String file) throws IOException {
    return Files.readString(ROOT.resolve(controller + path + "/" + file)).strip();
  }

  /** A process that joins as the shim's child does: it writes 0 itself, then runs the command. */
  private Process start(ContainerCgroup cgroup, String command) throws IOException {
    String join =
        cgroup.joinFiles().stream()
            .map(file -> "echo 0 > '" + file + "'")
            .collect(Collectors.joining(" && "));
    Process process =
        new ProcessBuilder("/bin/sh", "-c", join + " && echo in && { " + command + "; }")
            .redirectErrorStream(true)
            .start();
    processes.add(process);
    byte[] in = process.getInputStream().readNBytes(3);
    assertEquals("in\n", new String(in, java.nio.charset.StandardCharsets.US_ASCII));
    return process;
  }

  @Test
  void aContainersLimitsAreInTheKernelsFilesAndReadBack() throws IOException {
    Limits limits =
        Limits.NONE
            .withCpuShares(256)
            .withCpuQuota(40_000, 100_000)
            .withMemoryAndSwap(64 << 20, 64 << 20)
            .withPids(32)
            .withCpuset("0", "0");
    ContainerCgroup made = cgroups.create(container, limits);
    List<Path> parents = new ArrayList<>(directories(top));
    parents.addAll(directories(top.child("pod")));
    assertEquals(parents, made.createdParents());
    assertEquals("256", read("cpu", container, "cpu.shares"));
    assertEquals("40000", read("cpu", container, "cpu.cfs_quota_us"));
    assertEquals("67108864", read("memory", container, "memory.limit_in_bytes"));
    assertEquals("67108864", read("memory", container, "memory.memsw.limit_in_bytes"));
    assertEquals("32", read("pids", container, "pids.max"));
    assertEquals(limits, cgroups.limits(container));
  }

  @Test
  void withoutLimitsTheCpusetIsTheParentsAndAProcessCanJoinEveryHierarchy() throws Exception {
    ContainerCgroup made = cgroups.create(container, Limits.NONE);
    assertEquals(
        Files.readString(ROOT.resolve("cpuset/cpuset.cpus")).strip(),
        read("cpuset", container, "cpuset.cpus"));
    Process process = start(made, "exec sleep 100");
    assertEquals(List.of((int) process.pid()), cgroups.processes(container));
    String own = Files.readString(Path.of("/proc/" + process.pid() + "/cgroup"));
    long joined =
        Arrays.stream(own.split("\n")).filter(line -> line.endsWith(":" + container)).count();
    assertEquals(made.joinFiles().size(), joined, own);
    assertEquals(1, cgroups.usage(container).pids());
    assertTrue(cgroups.usage(container).cpuNanos() > 0);
  }

  @Test
  void makingItTwiceIsOneCgroupWithTheLaterLimits() {
    cgroups.create(container, Limits.NONE.withPids(10));
    ContainerCgroup again = cgroups.create(container, Limits.NONE.withPids(20));
    assertEquals(List.of(), again.createdParents());
    assertEquals(OptionalLong.of(20), cgroups.limits(container).pids());
  }

  @Test
  void aLimitThatTheKernelRefusesLeavesNothing() {
    Limits impossible = Limits.NONE.withPids(5).withCpuset("4000", "0");
    CriException.InvalidArgument e =
        assertThrows(
            CriException.InvalidArgument.class, () -> cgroups.create(container, impossible));
    assertTrue(String.valueOf(e.getMessage()).startsWith("write \"4000\" to "), e.getMessage());
    assertEquals(List.of(), directories(top));
  }

  @Test
  void anUpdateIsAllOrNothing() {
    Limits before = Limits.NONE.withCpuShares(512).withCpuQuota(50_000, 100_000).withPids(7);
    cgroups.create(container, before);
    Limits then = cgroups.limits(container);
    // the cpuset comes after cpu: cpu.* is written already when 4000 is refused
    Limits impossible =
        Limits.NONE.withCpuShares(1024).withCpuQuota(10_000, 20_000).withCpuset("4000", "0");
    assertThrows(CriException.InvalidArgument.class, () -> cgroups.update(container, impossible));
    assertEquals(then, cgroups.limits(container));
  }

  @Test
  void memoryIsRaisedAndLoweredTogetherWithSwap() {
    cgroups.create(container, Limits.NONE.withMemoryAndSwap(32 << 20, 32 << 20));
    for (int mebibytes : List.of(128, 16, 64)) {
      Limits limits = Limits.NONE.withMemoryAndSwap(mebibytes << 20, mebibytes << 20);
      cgroups.update(container, limits);
      assertEquals(limits.memoryBytes(), cgroups.limits(container).memoryBytes());
      assertEquals(limits.memorySwapBytes(), cgroups.limits(container).memorySwapBytes());
    }
    cgroups.update(container, Limits.NONE.withMemoryAndSwap(-1, -1));
    assertEquals(OptionalLong.of(-1), cgroups.limits(container).memorySwapBytes());
  }

  @Test
  void aMissingControllerIsNamed() {
    Limits huge = Limits.NONE.withHugepages(List.of(new HugepageLimit("2MB", 2 << 20)));
    Assumptions.assumeTrue(!Files.exists(ROOT.resolve("hugetlb")));
    CriException.FailedPrecondition e =
        assertThrows(CriException.FailedPrecondition.class, () -> cgroups.create(container, huge));
    assertTrue(
        String.valueOf(e.getMessage()).contains("needs the cgroup v1 controller hugetlb"),
        e.getMessage());
    assertEquals(List.of(), directories(top));
    cgroups.create(container, Limits.NONE.withHugepages(List.of(new HugepageLimit("2MB", 0))));
  }

  @Test
  void onlyAllowedDevicesCanBeOpened() throws Exception {
    ContainerCgroup made = cgroups.create(container, Limits.NONE.withDevices(DeviceRule.DEFAULTS));
    Process process = start(made, "head -c1 /dev/zero >/dev/null && (: </dev/kmsg) && echo open");
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertTrue(output.contains("Operation not permitted"), output);
    assertFalse(output.contains("open\n"), output);
    // and again over what is there
    cgroups.create(container, Limits.NONE.withDevices(DeviceRule.DEFAULTS));
  }

  private static final java.nio.charset.Charset UTF_8 = java.nio.charset.StandardCharsets.UTF_8;

  @Test
  void removingTakesOnlyTheParentsThatWereMadeHereAndOnlyWhenEmpty() {
    CgroupPath sibling = top.child("pod").child("other");
    cgroups.create(container, Limits.NONE);
    cgroups.create(sibling, Limits.NONE);
    cgroups.remove(container);
    assertTrue(cgroups.exists(sibling));
    cgroups.remove(sibling);
    assertEquals(List.of(), directories(top));
    cgroups.remove(sibling);

    // another instance, as after a restart: the parents are not its own until adopted
    ContainerCgroup made = cgroups.create(container, Limits.NONE);
    Cgroups restarted = Cgroups.detect(ROOT);
    restarted.remove(container);
    assertTrue(cgroups.exists(top.child("pod")));
    restarted.create(container, Limits.NONE);
    restarted.adoptParents(made.createdParents());
    restarted.remove(container);
    assertEquals(List.of(), directories(top));
  }

  @Test
  void aParentThatTheKubeletMadeInSomeHierarchiesStaysInThoseOnly() throws IOException {
    Path kubelets = ROOT.resolve("memory" + top);
    Files.createDirectory(kubelets);
    cgroups.create(container, Limits.NONE);
    cgroups.remove(container);
    assertEquals(List.of(kubelets), directories(top));
  }

  @Test
  void killAllEndsAForkBombAndRemoveWaitsForTheDying() throws Exception {
    ContainerCgroup made = cgroups.create(container, Limits.NONE.withPids(200));
    Process bomb = start(made, "f() { f & f & }; f >/dev/null 2>&1; exec sleep 100");
    cgroups.killAll(container);
    assertTrue(bomb.waitFor(10, TimeUnit.SECONDS));
    cgroups.remove(container);
    assertEquals(List.of(), cgroups.processes(container));
    cgroups.killAll(container);
  }

  @Test
  void anExecHasACgroupOfItsOwnAndDiesAlone() throws Exception {
    ContainerCgroup made = cgroups.create(container, Limits.NONE);
    Process main = start(made, "exec sleep 100");
    ContainerCgroup exec = cgroups.createExec(container, "exec-1");
    Process child = start(exec, "sleep 100 & sleep 100");
    assertTrue(cgroups.processes(exec.path()).contains((int) child.pid()));
    cgroups.killAll(exec.path());
    assertTrue(child.waitFor(10, TimeUnit.SECONDS));
    cgroups.remove(exec.path());
    assertTrue(main.isAlive());
    assertEquals(List.of((int) main.pid()), cgroups.processes(container));
    cgroups.createExec(container, "exec-2");
    cgroups.killAll(container);
    cgroups.remove(container); // takes exec-2 along
  }

  @Test
  void aCgroupWithALiveProcessIsNotRemovedAndTheProcessIsNamed() throws Exception {
    ContainerCgroup made = cgroups.create(container, Limits.NONE);
    Process process = start(made, "exec sleep 100");
    CriException.FailedPrecondition e =
        assertThrows(CriException.FailedPrecondition.class, () -> cgroups.remove(container));
    assertTrue(
        String.valueOf(e.getMessage()).contains("has the processes [" + process.pid() + "]"),
        e.getMessage());
  }

  @Test
  void aProcessKilledForWantOfMemoryIsCounted() throws Exception {
    ContainerCgroup made =
        cgroups.create(container, Limits.NONE.withMemoryAndSwap(16 << 20, 16 << 20));
    assertEquals(0, cgroups.oomKills(container));
    Process eater = start(made, "exec tail /dev/zero");
    assertTrue(eater.waitFor(30, TimeUnit.SECONDS));
    assertEquals(137, eater.exitValue());
    assertEquals(1, cgroups.oomKills(container));
    assertTrue(cgroups.usage(container).memoryPeakBytes().orElse(0) > 15 << 20);
    cgroups.remove(container);
    assertEquals(0, cgroups.oomKills(container));
  }
}
