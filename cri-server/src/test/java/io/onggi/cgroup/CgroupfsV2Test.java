package io.onggi.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.error.CriException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files against a directory tree that looks like cgroupfs; processes on the real kernel, in the v2
 * hierarchy that a v1 machine has beside the others.
 */
class CgroupfsV2Test {
  @TempDir Path root;

  @BeforeEach
  void fakeRoot() throws IOException {
    Files.writeString(root.resolve("cgroup.controllers"), "cpuset cpu io memory pids\n");
    Files.writeString(root.resolve("cgroup.subtree_control"), "cpu\n");
  }

  private Path directory(String path, Map<String, String> files) throws IOException {
    Path directory = Files.createDirectories(Path.of(root + path));
    for (Map.Entry<String, String> file : files.entrySet()) {
      Files.writeString(directory.resolve(file.getKey()), file.getValue());
    }
    return directory;
  }

  @Test
  void theUnifiedHierarchyIsRecognised() {
    assertEquals(2, assertInstanceOf(CgroupfsV2.class, Cgroups.detect(root)).version());
  }

  @Test
  void controllersAreEnabledAboveTheContainerAndItsLimitsWritten() throws IOException {
    directory("/pods", Map.of("cgroup.controllers", "memory pids", "cgroup.subtree_control", ""));
    Cgroups cgroups = new CgroupfsV2(root, Set.of("memory", "pids"), ParentRecord.NONE);
    // on the real thing "+memory +pids" reads back as "memory pids"
    Files.writeString(root.resolve("pods/cgroup.subtree_control"), "memory pids");
    ContainerCgroup made =
        cgroups.create(
            CgroupPath.of("/pods/c"),
            Limits.NONE.withMemory(1 << 20).withPids(9).withUnified(Map.of("memory.high", "77")));
    assertEquals("+memory +pids", Files.readString(root.resolve("cgroup.subtree_control")));
    assertEquals("1048576", Files.readString(root.resolve("pods/c/memory.max")));
    assertEquals("9", Files.readString(root.resolve("pods/c/pids.max")));
    assertEquals("77", Files.readString(root.resolve("pods/c/memory.high")));
    assertEquals(List.of(root.resolve("pods/c/cgroup.procs")), made.joinFiles());
    assertEquals(List.of(), made.createdParents());
    assertFalse(Files.exists(root.resolve("pods/c/cgroup.subtree_control")));
  }

  @Test
  void aControllerThatTheNodeDoesNotOfferIsNamedAndNothingLeft() throws IOException {
    directory("/pods", Map.of("cgroup.controllers", "cpu", "cgroup.subtree_control", "cpu"));
    Cgroups cgroups = new CgroupfsV2(root, Set.of("cpu"), ParentRecord.NONE);
    CriException.FailedPrecondition e =
        assertThrows(
            CriException.FailedPrecondition.class,
            () -> cgroups.create(CgroupPath.of("/pods/c"), Limits.NONE.withPids(3)));
    assertEquals(
        "cgroup /pods/c: pids.max = 3 needs the controller pids, which this node does not offer"
            + " there; enabled are [cpu]",
        e.getMessage());
    assertFalse(Files.exists(root.resolve("pods/c")));
  }

  @Test
  void limitsAndUsageAreReadBack() throws IOException {
    directory(
        "/c",
        Map.ofEntries(
            Map.entry("cpu.weight", "39\n"),
            Map.entry("cpu.max", "40000 100000\n"),
            Map.entry("memory.max", "1048576\n"),
            Map.entry("memory.swap.max", "0\n"),
            Map.entry("pids.max", "max\n"),
            Map.entry("cpuset.cpus", "0-1\n"),
            Map.entry("cpuset.mems", "\n"),
            Map.entry("hugetlb.2MB.max", "2097152\n"),
            Map.entry("hugetlb.2MB.rsvd.max", "5\n"),
            Map.entry("hugetlb.1GB.max", "max\n"),
            Map.entry("cpu.stat", "usage_usec 1234\nuser_usec 1000\n"),
            Map.entry("memory.current", "900000\n"),
            Map.entry("memory.stat", "anon 5\ninactive_file 300000\n"),
            Map.entry("memory.peak", "1000000\n"),
            Map.entry("pids.current", "3\n"),
            Map.entry("memory.events", "oom 2\noom_kill 1\noom_group_kill 0\n")));
    Cgroups cgroups = new CgroupfsV2(root, ParentRecord.NONE);
    CgroupPath c = CgroupPath.of("/c");
    Limits limits = cgroups.limits(c);
    assertEquals(39, CgroupV2.weight(limits.cpuShares().orElseThrow()));
    assertEquals(OptionalLong.of(40_000), limits.cpuQuotaMicros());
    assertEquals(OptionalLong.of(1_048_576), limits.memorySwapBytes());
    assertTrue(limits.forbidsSwap());
    assertEquals(OptionalLong.of(-1), limits.pids());
    assertEquals(List.of(new HugepageLimit("2MB", 2_097_152)), limits.hugepages());
    assertEquals(
        new Usage(1_234_000, 900_000, 600_000, OptionalLong.of(1_000_000), 3), cgroups.usage(c));
    assertEquals(1, cgroups.oomKills(c));
    assertEquals(0, cgroups.oomKills(CgroupPath.of("/gone")));
  }

  @Test
  void anUpdateThatFailsHalfWayIsTakenBack() throws IOException {
    Files.writeString(root.resolve("cgroup.subtree_control"), "cpu memory pids\n");
    directory("/c", Map.of("cpu.weight", "100", "memory.max", "max"));
    // pids.max is missing: the third write fails
    CriException.Internal e =
        assertThrows(
            CriException.Internal.class,
            () ->
                new CgroupfsV2(root, ParentRecord.NONE)
                    .update(
                        CgroupPath.of("/c"),
                        Limits.NONE.withCpuShares(1024).withMemory(1 << 20).withPids(5)));
    assertTrue(String.valueOf(e.getMessage()).contains("/c/pids.max"), e.getMessage());
    assertEquals("100", Files.readString(root.resolve("c/cpu.weight")));
    assertEquals("max", Files.readString(root.resolve("c/memory.max")));
    assertThrows(
        CriException.NotFound.class,
        () -> new CgroupfsV2(root, ParentRecord.NONE).update(CgroupPath.of("/no"), Limits.NONE));
  }

  @Test
  void aUnifiedKeyThatTheKernelDoesNotHaveIsNamed() throws IOException {
    Files.writeString(root.resolve("cgroup.subtree_control"), "cpu memory pids\n");
    directory("/c", Map.of("memory.max", "max"));
    CriException.InvalidArgument e =
        assertThrows(
            CriException.InvalidArgument.class,
            () ->
                new CgroupfsV2(root, ParentRecord.NONE)
                    .update(
                        CgroupPath.of("/c"),
                        Limits.NONE.withUnified(Map.of("memory.no_such", "1"))));
    assertTrue(
        String.valueOf(e.getMessage()).startsWith("unified key \"memory.no_such\": this kernel"),
        e.getMessage());
    assertFalse(Files.exists(root.resolve("c/memory.no_such")));
  }

  @Test
  void anUpdateIsTakenBackOnDemand() throws IOException {
    Files.writeString(root.resolve("cgroup.subtree_control"), "cpu memory pids\n");
    directory("/c", Map.of("cpu.weight", "100", "memory.max", "max"));
    Cgroups.Applied applied =
        new CgroupfsV2(root, ParentRecord.NONE)
            .update(CgroupPath.of("/c"), Limits.NONE.withCpuShares(1024).withMemory(1 << 20));
    assertEquals("1048576", Files.readString(root.resolve("c/memory.max")));
    applied.takeBack(new IllegalStateException("the journal is full"));
    assertEquals("max", Files.readString(root.resolve("c/memory.max")));
    assertEquals("100", Files.readString(root.resolve("c/cpu.weight")));
  }

  @Test
  void aMemoryLimitBelowWhatIsInUseIsRefusedAndNothingChanged() throws IOException {
    Files.writeString(root.resolve("cgroup.subtree_control"), "cpu memory\n");
    directory(
        "/c",
        Map.of(
            "memory.max", "max",
            "memory.current", "900000\n",
            "memory.stat", "anon 5\ninactive_file 300000\n",
            "cpu.weight", "100"));
    Cgroups cgroups = new CgroupfsV2(root, ParentRecord.NONE);
    CriException.FailedPrecondition e =
        assertThrows(
            CriException.FailedPrecondition.class,
            () ->
                cgroups.update(
                    CgroupPath.of("/c"), Limits.NONE.withCpuShares(2).withMemory(599_999)));
    assertEquals(
        "cgroup /c: a memory limit of 599999 bytes is below the 600000 bytes in use; nothing was"
            + " changed. Let the container free memory, or choose a higher limit",
        e.getMessage());
    assertEquals("100", Files.readString(root.resolve("c/cpu.weight")));
    cgroups.update(CgroupPath.of("/c"), Limits.NONE.withMemory(600_000));
  }

  @Test
  void parentsAreWrittenDownBeforeTheyAreMadeAndForgottenWhenGone() {
    List<String> record = new ArrayList<>();
    ParentRecord noted =
        new ParentRecord() {
          @Override
          public void willMake(List<Path> directories) {
            directories.forEach(d -> record.add("+" + root.relativize(d) + Files.exists(d)));
          }

          @Override
          public void gone(Collection<Path> directories) {
            directories.forEach(d -> record.add("-" + root.relativize(d) + Files.exists(d)));
          }
        };
    Cgroups cgroups = new CgroupfsV2(root, Set.of(), noted);
    cgroups.create(CgroupPath.of("/a/b/c"), Limits.NONE);
    assertEquals(List.of("+afalse", "+a/bfalse"), record);
    // a daemon that was killed here: the next one knows them from the record
    Cgroups next = new CgroupfsV2(root, Set.of(), noted);
    next.adoptParents(List.of(root.resolve("a"), root.resolve("a/b")));
    next.sweepParents();
    assertTrue(Files.exists(root.resolve("a/b/c")));
    next.remove(CgroupPath.of("/a/b/c"));
    assertEquals(List.of("-a/bfalse", "-afalse"), record.subList(2, 4));
    assertFalse(Files.exists(root.resolve("a")));
  }

  @Test
  void onTheKernelACgroupIsKilledAsAWholeAndRemovedWithItsParents() throws Exception {
    Path unified = Path.of("/sys/fs/cgroup/unified");
    Assumptions.assumeTrue(Files.exists(unified.resolve("cgroup.controllers")));
    Cgroups cgroups =
        new CgroupfsV2(
            unified, Set.of(), ParentRecord.NONE); // the host's controllers stay as they are
    CgroupPath top = CgroupPath.of("/onggi-test-" + UUID.randomUUID());
    CgroupPath container = top.child("c");
    ContainerCgroup made = cgroups.create(container, Limits.NONE);
    assertEquals(List.of(top.under(unified)), made.createdParents());
    ContainerCgroup exec = cgroups.createExec(container, "exec");
    Process process =
        new ProcessBuilder(
                "/bin/sh",
                "-c",
                "echo 0 > " + exec.joinFiles().getFirst() + "; echo in; sleep 100 & sleep 100")
            .start();
    try {
      byte[] in = process.getInputStream().readNBytes(3);
      assertEquals("in\n", new String(in, StandardCharsets.US_ASCII));
      assertTrue(cgroups.processes(container).contains((int) process.pid()));
    } finally {
      cgroups.killAll(container);
      assertTrue(process.waitFor(10, TimeUnit.SECONDS));
      cgroups.remove(container);
    }
    assertFalse(cgroups.exists(top));
    cgroups.remove(container);
    cgroups.killAll(container);
  }
}
