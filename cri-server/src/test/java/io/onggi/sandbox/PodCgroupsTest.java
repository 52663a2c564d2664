package io.onggi.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.cgroup.CgroupPath;
import io.onggi.cgroup.Cgroups;
import io.onggi.cgroup.Limits;
import io.onggi.error.CriException;
import io.onggi.store.Journal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pod's resources: kept, and carried out where the pod's cgroup is ours; on a v2-like tree. */
class PodCgroupsTest {
  private static final SandboxId ID = new SandboxId("0123456789abcdef".repeat(4));
  private static final PodResources ASKED =
      new PodResources(
          Limits.NONE.withMemory(1 << 20).withCpuShares(100),
          Limits.NONE.withMemory(8 << 20).withCpuShares(400).withCpuQuota(50_000, 100_000),
          true);

  @TempDir Path root;
  @TempDir Path journalFolder;
  private PodCgroups pods;
  private Journal journal;
  private Sandboxes sandboxes;
  private UpdateSandbox update;

  @BeforeEach
  void begin() throws IOException {
    String controllers = "cpu cpuset hugetlb io memory pids\n";
    Files.writeString(root.resolve("cgroup.controllers"), controllers);
    Files.writeString(root.resolve("cgroup.subtree_control"), controllers);
    Files.createDirectories(root.resolve("onggi"));
    Files.writeString(root.resolve("onggi/cgroup.subtree_control"), controllers);
    pods = new PodCgroups(Cgroups.detect(root), CgroupPath.of("/onggi"));
    journal = Journal.open(journalFolder, Journal.Options.ofThisBoot(false));
    sandboxes = new Sandboxes(journal, _ -> {});
    update = new UpdateSandbox(sandboxes, pods);
  }

  @AfterEach
  void end() {
    journal.close();
  }

  private static SandboxSpec spec(String parent, PodResources resources) {
    SandboxSpec plain = SandboxSpecs.plain("p");
    return new SandboxSpec(
        plain.name(),
        plain.hostname(),
        plain.logDirectory(),
        SandboxSpecs.NO_DNS,
        List.of(),
        Map.of(),
        Map.of(),
        parent,
        Map.of(),
        plain.namespaces(),
        false,
        "",
        Optional.of(resources));
  }

  private void ready(SandboxSpec spec) {
    pods.make(ID, spec);
    sandboxes.add(
        new Sandbox(
            ID, spec, Instant.EPOCH, new SandboxState.Ready(Optional.empty(), Optional.empty())));
  }

  private String read(String file) throws IOException {
    return Files.readString(root.resolve("onggi/pod" + ID + "/" + file));
  }

  @Test
  void aPodOfOursHasACgroupWithItsContainersLimitsAndItsOverhead() throws IOException {
    ready(spec("", ASKED));
    assertEquals(Integer.toString(9 << 20), read("memory.max"));
    assertEquals("50000 100000", read("cpu.max"));
    assertEquals("19", read("cpu.weight")); // of 500 shares
    assertEquals("/onggi/pod" + ID, pods.parentOf(ID, spec("", ASKED)).toString());
    pods.ensureGone(new SandboxId("f".repeat(64)));
  }

  @Test
  void aPodOfTheKubeletsIsOnlyRemembered() {
    PodResources told = new PodResources(ASKED.overhead(), ASKED.containers(), false);
    ready(spec("/kubepods/pod1", told));
    assertFalse(Files.exists(root.resolve("kubepods")));
    update.update(ID.value(), Limits.NONE, Limits.NONE.withMemory(16 << 20));
    PodResources now = sandboxes.get(ID.value()).spec().resources();
    assertEquals(16 << 20, now.containers().memoryBytes().orElseThrow());
    assertEquals(400, now.containers().cpuShares().orElseThrow());
    assertEquals(told.overhead(), now.overhead());
  }

  @Test
  void anUpdateChangesCgroupAndRecordOrNeither() throws IOException { // checklist 52
    ready(spec("", ASKED));
    update.update(ID.value(), Limits.NONE.withMemory(2 << 20), Limits.NONE.withCpuShares(924));
    assertEquals(Integer.toString(10 << 20), read("memory.max"));
    assertEquals("39", read("cpu.weight")); // of 1024 shares
    journal.close();
    RuntimeException refused =
        assertThrows(
            RuntimeException.class,
            () -> update.update(ID.value(), Limits.NONE, Limits.NONE.withMemory(32 << 20)));
    assertTrue(String.valueOf(refused.getMessage()).contains("is closed"), refused.getMessage());
    assertEquals(Integer.toString(10 << 20), read("memory.max"));
    PodResources now = sandboxes.get(ID.value()).spec().resources();
    assertEquals(8 << 20, now.containers().memoryBytes().orElseThrow());
  }

  @Test
  void aMissingSandboxIsNamed() {
    assertThrows(
        CriException.NotFound.class, () -> update.update("nobody", Limits.NONE, Limits.NONE));
  }

  @Test
  void aWrongFormOfParentIsRefusedBeforeAnythingIsMade() {
    SandboxSpec slice = spec("kubepods-pod1.slice", PodResources.NONE);
    assertThrows(CriException.InvalidArgument.class, () -> pods.make(ID, slice));
  }
}
