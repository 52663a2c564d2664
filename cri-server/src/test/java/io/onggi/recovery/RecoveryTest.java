package io.onggi.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.cgroup.CgroupPath;
import io.onggi.cgroup.Limits;
import io.onggi.container.ContainerId;
import io.onggi.container.ContainerState;
import io.onggi.container.ContainerWorld;
import io.onggi.container.cdi.CdiSpecs;
import io.onggi.error.CriException;
import io.onggi.sandbox.SandboxId;
import io.onggi.sandbox.SandboxSpecs;
import io.onggi.store.Owned;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a daemon makes of what an earlier one left, and what the doctor says to it. */
class RecoveryTest {
  @TempDir private Path folder;
  private ContainerWorld world;
  private SandboxId pod;

  @BeforeEach
  void begin() {
    world = new ContainerWorld(folder);
    pod = world.sandbox("red");
  }

  @AfterEach
  void end() {
    world.close();
  }

  private void restart(boolean otherBoot) {
    world.restart();
    new Recovery(
            world.sandboxes,
            world.containers,
            world.images,
            world.exits,
            world.remove,
            world.cgroups,
            world.kernel,
            world.sandboxLayout,
            world.layout,
            world.ledger,
            world.clock)
        .recover(otherBoot);
  }

  private Doctor doctor() {
    return new Doctor(
        world.sandboxes,
        world.containers,
        world.kernel,
        world.network,
        world.cgroups,
        world.sandboxLayout,
        world.layout,
        new CdiSpecs(List.of()));
  }

  @Test
  void aRunningContainerRunsOnAndItsEndIsSeen() {
    ContainerId id = world.running(pod, "c");
    restart(false);
    assertInstanceOf(ContainerState.Running.class, world.get(id).state());
    assertTrue(world.sandboxes.get(pod.value()).ready());
    world.shim(id).exit(4);
    assertEquals(4, world.ended(id).exitCode());
  }

  @Test
  void aContainerThatEndedMeanwhileHasTheExitCodeOfItsRecord() {
    ContainerId id = world.running(pod, "c");
    world.journal.close(); // killed: nobody writes down what comes now
    world.shim(id).exit(7);
    restart(false);
    assertEquals(7, world.ended(id).exitCode());
    assertEquals("Error", world.ended(id).reason());
    world.awaitNoCgroup(id);
  }

  @Test
  void aContainerThatWasBeingStartedHasEndedAndLeavesNoCgroup() {
    ContainerId id = world.created(pod, "c");
    world.containers.move(id, new ContainerState.Starting(ContainerWorld.NOW));
    world.cgroups.create(CgroupPath.of(world.get(id).cgroup()), Limits.NONE);
    restart(false);
    ContainerState.Exited state =
        assertInstanceOf(ContainerState.Exited.class, world.get(id).state());
    assertEquals("Unknown", state.reason());
    assertEquals("the daemon was killed while it started this container", state.message());
    assertFalse(world.hasCgroup(id));
    assertEquals(List.of(), doctor().examine().differences());
  }

  @Test
  void onAnotherBootNothingLivesAndNothingIsProbed() {
    ContainerId id = world.running(pod, "c");
    ContainerId created = world.created(pod, "d");
    world.kernel.lose("pins", pod);
    restart(true);
    ContainerState.Exited state =
        assertInstanceOf(ContainerState.Exited.class, world.get(id).state());
    assertEquals(255, state.exitCode());
    assertEquals("the machine was started anew meanwhile", state.message());
    assertInstanceOf(ContainerState.Created.class, world.get(created).state());
    assertFalse(world.sandboxes.get(pod.value()).ready());
  }

  @Test
  void aSandboxThatLostItsNamespacesGivesBackTheRestAndCanBeRemoved() {
    world.kernel.lose("pins", pod);
    restart(false);
    assertFalse(world.sandboxes.get(pod.value()).ready());
    assertEquals(Set.of(), world.kernel.live());
    world.removeSandbox.remove(pod.value());
    assertEquals(List.of(), world.sandboxes.list());
  }

  @Test
  void aHalfMadeSandboxIsTakenBack() throws IOException {
    SandboxId half = new SandboxId("c".repeat(64));
    world.ledger.intend(new Owned("sandbox", half.value(), "default/half"));
    Files.createDirectories(world.sandboxLayout.directory(half));
    world.kernel.mountShm(half, SandboxSpecs.plain("half"));
    restart(false);
    assertFalse(Files.exists(world.sandboxLayout.directory(half)));
    assertTrue(world.kernel.live().stream().noneMatch(o -> o.contains(half.value())));
    assertEquals(1, world.ledger.all().size(), "only the whole one is left");
  }

  @Test
  void anIntentThatCannotBeFinishedIsKeptForTheNextStart() {
    SandboxId half = new SandboxId("c".repeat(64));
    Owned intent = new Owned("sandbox", half.value(), "default/half");
    world.ledger.intend(intent);
    world.kernel.failAt("no attachment");
    restart(false);
    assertTrue(world.ledger.all().contains(intent));
    world.kernel.failNoMore();
    restart(false);
    assertFalse(world.ledger.all().contains(intent));
  }

  @Test
  void foldersThatNoRecordNamesAreDeleted() throws IOException {
    ContainerId id = world.created(pod, "c");
    Path lost = world.layout.data(id).resolveSibling("d".repeat(64));
    Files.createDirectories(lost.resolve("upper/deep"));
    restart(false);
    assertFalse(Files.exists(lost));
    assertTrue(Files.exists(world.layout.config(id)));
  }

  @Test
  void aWholeNodeHasNoDifferences() {
    world.running(pod, "c");
    world.created(pod, "d");
    Doctor.Report report = doctor().examine();
    // the fake shims have no sockets on disk
    assertEquals(
        List.of("shim socket"),
        report.differences().stream().map(d -> d.object().substring(0, 11)).toList());
    assertTrue(report.compared() > 0);
  }

  @Test
  void theDoctorFindsWhatIsLeakedAndWhatIsMissing() throws IOException {
    String stranger = "e".repeat(64);
    Files.createDirectories(world.sandboxLayout.sandboxes().resolve(stranger));
    Files.createDirectories(world.layout.root().resolve("containers").resolve(stranger));
    world.network.detach(pod.value());
    ContainerId id = world.created(pod, "c");
    world.cgroups.create(CgroupPath.of(world.get(id).cgroup()), Limits.NONE);
    List<Doctor.Difference> found = doctor().examine().differences();
    String owner = "sandbox " + pod;
    assertTrue(
        found.contains(new Doctor.Difference("missing", "network attachment", owner)),
        found.toString());
    for (Path leaked :
        List.of(
            world.sandboxLayout.sandboxes().resolve(stranger),
            world.layout.root().resolve("containers").resolve(stranger))) {
      assertTrue(
          found.contains(new Doctor.Difference("leaked", leaked.toString(), stranger)),
          found.toString());
    }
    assertTrue(
        found.contains(
            new Doctor.Difference("leaked", "cgroup " + world.get(id).cgroup(), "container " + id)),
        found.toString());
    world.kernel.lose("pins", pod);
    assertTrue(
        doctor()
            .examine()
            .differences()
            .contains(new Doctor.Difference("missing", "pinned namespaces", owner)));
  }

  @Test
  void whatWasBeingRemovedIsGoneAfterTheNextStart() {
    ContainerId id = world.created(pod, "c");
    world.containers.move(id, new ContainerState.Removing());
    restart(false);
    assertThrows(CriException.NotFound.class, () -> world.get(id));
  }
}
