package io.onggi.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.cgroup.CgroupPath;
import io.onggi.cgroup.Limits;
import io.onggi.error.CriException;
import io.onggi.launch.ExecResult;
import io.onggi.launch.LaunchException;
import io.onggi.launch.LaunchFailure;
import io.onggi.launch.LaunchStep;
import io.onggi.launch.Shim;
import io.onggi.launch.ShimException;
import io.onggi.launch.testing.FakeShim;
import io.onggi.sandbox.SandboxId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The container verbs, from CreateContainer to RemoveContainer. */
class ContainerVerbsTest {
  private static final int ENOENT = 2;
  private static final int EAGAIN = 11;

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

  private static String message(Exception e) {
    return String.valueOf(e.getMessage());
  }

  private void assertNothingMade() {
    assertEquals(List.of(), world.containers.list());
    assertEquals(List.of(), world.folders());
  }

  @Test
  void aCreatedContainerHasNoProcessAndIsTheAnswerToARepeat() { // checklist 21
    ContainerId id = world.created(pod, "c");
    assertInstanceOf(ContainerState.Created.class, world.get(id).state());
    assertEquals(List.of(), world.shims.requests());
    assertEquals(id, world.created(pod, "c"));
    assertEquals(1, world.containers.list().size());
    assertEquals(1000, world.get(id).runAs().uid());
  }

  @Test
  void twentyCallersAtOnceMakeOneContainer() throws Exception {
    List<Future<ContainerId>> callers = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 20; i++) {
        callers.add(threads.submit(() -> world.created(pod, "c")));
      }
    }
    for (Future<ContainerId> caller : callers) {
      assertEquals(world.containers.list().getFirst().id(), caller.get());
    }
    assertEquals(1, world.containers.list().size());
  }

  @Test
  void aPrivilegedContainerNeedsAPrivilegedSandbox() { // checklist 12
    SpecDraft draft = SpecDraft.of(pod, "c");
    draft.privileged = true;
    CriException.InvalidArgument e =
        assertThrows(CriException.InvalidArgument.class, () -> world.create.create(draft.spec()));
    assertEquals(
        "container c (attempt 0) is privileged but its pod sandbox "
            + pod
            + " is not; make the sandbox privileged too",
        message(e));
    assertNothingMade();
  }

  @Test
  void anImageThatIsNotOnTheNodeIsNotFoundAndNamed() {
    SpecDraft draft = SpecDraft.of(pod, "c");
    draft.image = "docker.io/library/nothing:9";
    assertEquals(
        "image \"docker.io/library/nothing:9\" of container c (attempt 0) is not on this node;"
            + " pull it first",
        message(
            assertThrows(CriException.NotFound.class, () -> world.create.create(draft.spec()))));
    assertNothingMade();
  }

  @Test
  void aSandboxThatIsNotReadyTakesNoContainer() {
    world.stopSandbox.stop(pod.value());
    assertEquals(
        "pod sandbox " + pod + " is not ready, container c (attempt 0) cannot be created in it",
        message(
            assertThrows(CriException.FailedPrecondition.class, () -> world.created(pod, "c"))));
    SandboxId unknown = new SandboxId("b".repeat(64));
    assertThrows(CriException.NotFound.class, () -> world.created(unknown, "c"));
    assertNothingMade();
  }

  @Test
  void aFailedCreateLeavesNothingAndTheSameRequestWorksThen() throws IOException {
    Files.createDirectories(world.layout.root());
    Path blocker = Files.writeString(world.layout.root().resolve("containers"), "in the way");
    CriException.Internal e =
        assertThrows(CriException.Internal.class, () -> world.created(pod, "c"));
    assertTrue(message(e).startsWith("making the folders of container "), message(e));
    Files.delete(blocker);
    assertNothingMade();
    SpecDraft bad = SpecDraft.of(pod, "c");
    bad.stopSignal = "SIGNOTHING";
    assertThrows(CriException.InvalidArgument.class, () -> world.create.create(bad.spec()));
    bad.stopSignal = "";
    bad.userName = "nobody-here";
    assertThrows(CriException.InvalidArgument.class, () -> world.create.create(bad.spec()));
    assertNothingMade();
    world.created(pod, "c");
  }

  @Test
  void aStartedContainerRunsInACgroupOfItsOwn() {
    ContainerId id = world.running(pod, "c");
    ContainerState.Running state =
        assertInstanceOf(ContainerState.Running.class, world.get(id).state());
    assertEquals(100, state.pid());
    assertEquals(1000, state.startTime());
    assertTrue(world.hasCgroup(id));
  }

  @Test
  void aStepThatFailsEndsTheContainerAndIsNamed() {
    world.shims.failAt(LaunchStep.Exec.class::isInstance, ENOENT);
    ContainerId id = world.created(pod, "c");
    CriException.Internal e =
        assertThrows(CriException.Internal.class, () -> world.start.start(id.value()));
    assertTrue(
        message(e).startsWith("StartError: container c (attempt 0): exec /bin/app: "), message(e));
    assertTrue(message(e).contains("ENOENT"), message(e));
    assertTrue(message(e).endsWith("; is the command in the image?"), message(e));
    ContainerState.Exited state =
        assertInstanceOf(ContainerState.Exited.class, world.get(id).state());
    assertEquals(128, state.exitCode());
    assertEquals("StartError", state.reason());
    assertTrue(state.message().startsWith("exec /bin/app: "), state.message());
    assertFalse(world.hasCgroup(id));
    world.remove.remove(id.value());
    assertNothingMade();
  }

  @Test
  void aStepBeforeTheExecIsNamedWithoutAGuessAtTheCommand() {
    world.shims.failAt(LaunchStep.Overlay.class::isInstance, EAGAIN);
    ContainerId id = world.created(pod, "c");
    CriException.Internal e =
        assertThrows(CriException.Internal.class, () -> world.start.start(id.value()));
    assertTrue(message(e).contains("overlay"), message(e));
    assertFalse(message(e).contains("is the command"), message(e));
  }

  @Test
  void aStartWhoseStateCannotBeReadFailsTheSameWay() throws IOException {
    ContainerId id = world.created(pod, "c");
    Files.delete(world.layout.config(id));
    world.specs.forget(id);
    assertThrows(CriException.Internal.class, () -> world.start.start(id.value()));
    ContainerState.Exited state =
        assertInstanceOf(ContainerState.Exited.class, world.get(id).state());
    assertEquals("StartError", state.reason());
    assertTrue(state.message().startsWith("reading "), state.message());
    assertFalse(world.hasCgroup(id));
  }

  @Test
  void aSecondStartIsRefusedAndSaysWhere() {
    ContainerId id = world.running(pod, "c");
    assertEquals(
        "container " + id + " is Running, it cannot become Starting",
        message(
            assertThrows(
                CriException.FailedPrecondition.class, () -> world.start.start(id.value()))));
    assertInstanceOf(ContainerState.Running.class, world.get(id).state());
    assertThrows(CriException.NotFound.class, () -> world.start.start("0".repeat(64)));
  }

  @Test
  void exitCodesBecomeReasons() { // checklist 23
    ContainerId fine = world.running(pod, "fine");
    world.shim(fine).exit(0);
    assertEquals("Completed", world.ended(fine).reason());
    assertEquals(0, world.ended(fine).exitCode());
    assertEquals(ContainerWorld.NOW, world.ended(fine).finishedAt());
    world.awaitNoCgroup(fine);
    ContainerId bad = world.running(pod, "bad");
    world.shim(bad).exit(3);
    assertEquals("Error", world.ended(bad).reason());
    assertEquals(3, world.ended(bad).exitCode());
    ContainerId fat = world.running(pod, "fat");
    world.shim(fat).oomKill();
    assertEquals("OOMKilled", world.ended(fat).reason());
    assertEquals(137, world.ended(fat).exitCode());
  }

  @Test
  void aContainerThatLostItsShimHasEndedAndSaysSo() {
    ContainerId id = world.running(pod, "c");
    world.shim(id).vanish();
    ContainerState.Exited state = world.ended(id);
    assertEquals("Unknown", state.reason());
    assertEquals(255, state.exitCode());
    assertEquals("its shim was killed; the exit code is not known", state.message());
  }

  @Test
  void anExitRecordThatIsNotWholeIsAsGoodAsNone() throws IOException {
    ContainerId id = world.running(pod, "c");
    Files.writeString(world.layout.exitRecord(id), "onggi-exit 1\npid");
    world.shim(id).vanish();
    assertEquals("Unknown", world.ended(id).reason());
    world.remove.remove(id.value());
    assertNothingMade();
  }

  @Test
  void stopAsksFirstAndAProcessThatObeysIsNotKilled() { // checklist 18
    ContainerId id = world.running(pod, "c");
    world.stop.stop(id.value(), 30);
    assertEquals(
        List.of(new FakeShim.Sent(15, Shim.Scope.FIRST_PROCESS)), world.shim(id).signals());
    assertEquals(143, world.ended(id).exitCode());
    world.stop.stop(id.value(), 30);
    world.stop.stop("0".repeat(64), 0);
  }

  @Test
  void afterTheGraceTheWholeContainerIsKilled() {
    ContainerId id = world.running(pod, "c");
    world.shim(id).ignore(15);
    world.stop.stop(id.value(), 1);
    assertEquals(
        List.of(
            new FakeShim.Sent(15, Shim.Scope.FIRST_PROCESS),
            new FakeShim.Sent(9, Shim.Scope.WHOLE_CONTAINER)),
        world.shim(id).signals());
    assertEquals(137, world.ended(id).exitCode());
    assertEquals("Error", world.ended(id).reason());
  }

  @Test
  void withoutGraceItIsKilledAtOnce() {
    for (long grace : new long[] {0, -5}) {
      ContainerId id = world.running(pod, "c" + grace);
      world.stop.stop(id.value(), grace);
      assertEquals(
          List.of(new FakeShim.Sent(9, Shim.Scope.WHOLE_CONTAINER)), world.shim(id).signals());
    }
  }

  @Test
  void theSpecsStopSignalGoesBeforeTheImages() {
    SpecDraft draft = SpecDraft.of(pod, "c");
    draft.stopSignal = "SIGUSR1";
    ContainerId id = world.create.create(draft.spec());
    world.start.start(id.value());
    world.stop.stop(id.value(), 30);
    assertEquals(10, world.shim(id).signals().getFirst().signal());
  }

  @Test
  void aStopThatIsInterruptedInItsGraceKillsNothing() throws InterruptedException {
    ContainerId id = world.running(pod, "c");
    world.shim(id).ignore(15);
    AtomicReference<Exception> told = new AtomicReference<>(new IOException("nothing"));
    Thread caller =
        new Thread(
            () ->
                told.set(
                    assertThrows(
                        CriException.Unavailable.class, () -> world.stop.stop(id.value(), 300))));
    caller.start();
    while (world.shim(id).signals().isEmpty()) {
      Thread.onSpinWait();
    }
    caller.interrupt(); // as the daemon's end does
    caller.join();
    assertTrue(
        message(Objects.requireNonNull(told.get()))
            .endsWith("the daemon leaves; ask again when it is back"));
    assertEquals(1, world.shim(id).signals().size());
    assertInstanceOf(ContainerState.Running.class, world.get(id).state());
  }

  @Test
  void removeKillsWhatRunsAndLeavesNothing() { // checklist 19
    ContainerId id = world.running(pod, "c");
    world.remove.remove(id.value());
    assertNothingMade();
    assertFalse(world.hasCgroup(id));
    world.remove.remove(id.value());
    world.remove.remove("0".repeat(64));
    assertEquals(
        "container \"" + id + "\" does not exist; `crictl ps -a` lists those that do",
        message(assertThrows(CriException.NotFound.class, () -> world.get(id)))); // checklist 20
  }

  @Test
  void aRemovalThatWasBrokenOffIsFinishedByTheNext() {
    ContainerId id = world.created(pod, "c");
    world.containers.move(id, new ContainerState.Removing());
    world.remove.remove(id.value());
    assertNothingMade();
  }

  @Test
  @SuppressWarnings("LockNotBeforeTry") // it plays the start that is under way
  void whoRemovesWhileItStartsWaitsForTheStart() throws Exception {
    ContainerId id = world.created(pod, "c");
    Lock lifecycle = world.containers.lifecycle(id);
    lifecycle.lock();
    world.containers.move(id, new ContainerState.Starting(ContainerWorld.NOW));
    Thread remover = Thread.ofPlatform().start(() -> world.remove.remove(id.value()));
    while (remover.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    assertInstanceOf(ContainerState.Starting.class, world.get(id).state());
    ContainerState end =
        new ContainerState.Exited(ContainerWorld.NOW, ContainerWorld.NOW, 1, "Error", "");
    world.containers.move(id, end);
    lifecycle.unlock();
    remover.join();
    assertNothingMade();
  }

  @Test
  void aContainerOfAStoppedSandboxIsNotStarted() {
    ContainerId id = world.created(pod, "c");
    world.stopSandbox.stop(pod.value());
    CriException.FailedPrecondition e =
        assertThrows(CriException.FailedPrecondition.class, () -> world.start.start(id.value()));
    assertEquals(
        "container c (attempt 0) cannot be started: its pod sandbox " + pod + " is stopped",
        message(e));
  }

  @Test
  void stoppingThePodEndsAllItsContainersAndNoOther() {
    ContainerId one = world.running(pod, "one");
    ContainerId two = world.running(pod, "two");
    ContainerId other = world.running(world.sandbox("blue"), "other");
    world.stopSandbox.stop(pod.value());
    assertEquals(137, world.ended(one).exitCode());
    assertEquals(137, world.ended(two).exitCode());
    assertInstanceOf(ContainerState.Running.class, world.get(other).state());
    world.removeSandbox.remove(pod.value());
    assertEquals(List.of(other), world.containers.list().stream().map(Container::id).toList());
  }

  @Test
  void anExecGivesItsOutputAndItsExitCode() {
    ContainerId id = world.running(pod, "c");
    byte[] out = "hello".getBytes(StandardCharsets.UTF_8);
    world.shim(id).onExec((_, _) -> new ExecResult(3, out, new byte[0], false, false, false));
    ExecResult result = world.exec.exec(id.value(), List.of("/bin/echo", "hello"), Duration.ZERO);
    assertEquals(3, result.exitCode());
    assertEquals("hello", new String(result.stdout(), StandardCharsets.UTF_8));
    List<LaunchStep> steps = world.shim(id).execs().getFirst().steps();
    LaunchStep.Exec exec = assertInstanceOf(LaunchStep.Exec.class, steps.getLast());
    assertEquals(List.of("/bin/echo", "hello"), exec.argv());
    assertTrue(steps.stream().anyMatch(LaunchStep.JoinContainer.class::isInstance));
    assertTrue(
        steps.stream().noneMatch(s -> s.toString().contains("/freezer/")),
        "the shim makes a freezer for each exec");
  }

  @Test
  void anExecThatTakesTooLongIsKilledAndSaysSo() {
    ContainerId id = world.running(pod, "c");
    world
        .shim(id)
        .onExec((_, _) -> new ExecResult(137, new byte[0], new byte[0], true, false, false));
    CriException.DeadlineExceeded e =
        assertThrows(
            CriException.DeadlineExceeded.class,
            () -> world.exec.exec(id.value(), List.of("sleep", "9"), Duration.ofSeconds(1)));
    assertEquals(
        "exec in container " + id + ": [sleep, 9] did not end within 1000 ms and was killed",
        message(e));
  }

  @Test
  void anExecNeedsARunningContainerAndACommand() {
    ContainerId id = world.created(pod, "c");
    assertEquals(
        "container " + id + " does not run (it is Created), nothing can be executed in it",
        message(
            assertThrows(
                CriException.FailedPrecondition.class,
                () -> world.exec.exec(id.value(), List.of("true"), Duration.ZERO))));
    world.start.start(id.value());
    assertEquals(
        "exec in container " + id + ": cmd is empty; name a program to run",
        message(
            assertThrows(
                CriException.InvalidArgument.class,
                () -> world.exec.exec(id.value(), List.of(), Duration.ZERO))));
  }

  @Test
  void anExecWhoseCommandIsMissingNamesIt() {
    ContainerId id = world.running(pod, "c");
    world
        .shim(id)
        .onExec(
            (plan, _) -> {
              throw new LaunchException(
                  "exec", plan.entries(), new LaunchFailure(5, ENOENT, "EXEC", "/nope", ""));
            });
    CriException.Internal e =
        assertThrows(
            CriException.Internal.class,
            () -> world.exec.exec(id.value(), List.of("/nope"), Duration.ZERO));
    assertTrue(
        message(e).startsWith("exec in container " + id + ": cannot run [/nope]: exec /nope: "),
        message(e));
  }

  @Test
  void aShimThatRefusesAnExecIsNotTakenForAnEndedContainer() {
    ContainerId id = world.running(pod, "c");
    world
        .shim(id)
        .onExec(
            (_, _) -> {
              throw new ShimException.Refused("exec", EAGAIN, "too many");
            });
    CriException.Internal e =
        assertThrows(
            CriException.Internal.class,
            () -> world.exec.exec(id.value(), List.of("true"), Duration.ZERO));
    assertTrue(message(e).contains("the shim refuses to run [true]"), message(e));
    world
        .shim(id)
        .onExec(
            (_, _) -> {
              throw new ShimException.Gone("gone", null);
            });
    assertThrows(
        CriException.FailedPrecondition.class,
        () -> world.exec.exec(id.value(), List.of("true"), Duration.ZERO));
  }

  @Test
  void theLogIsReopenedWhileItRunsOnly() {
    ContainerId id = world.created(pod, "c");
    assertEquals(
        "container " + id + " does not run, its log cannot be reopened",
        message(
            assertThrows(
                CriException.FailedPrecondition.class, () -> world.reopen.reopen(id.value()))));
    world.start.start(id.value());
    world.reopen.reopen(id.value());
    assertEquals(1, world.shim(id).timesReopened());
  }

  private static Limits memory(long bytes) {
    return Limits.NONE.withMemory(bytes);
  }

  @Test
  void anUpdateIsSeenByTheKernelAndTheRecordAndKeepsTheRest() { // checklist 31
    SpecDraft draft = SpecDraft.of(pod, "c");
    draft.limits = memory(64 << 20).withCpuShares(512);
    ContainerId id = world.create.create(draft.spec());
    world.update.update(id.value(), Limits.NONE.withCpuShares(256));
    world.start.start(id.value());
    world.update.update(id.value(), memory(32 << 20));
    Limits limits = world.get(id).spec().limits();
    assertEquals(OptionalLong.of(32 << 20), limits.memoryBytes());
    assertEquals(OptionalLong.of(256), limits.cpuShares());
    CgroupPath cgroup = CgroupPath.of(world.get(id).cgroup());
    assertEquals(OptionalLong.of(32 << 20), world.cgroups.limits(cgroup).memoryBytes());
    assertEquals(OptionalLong.of(256), world.cgroups.limits(cgroup).cpuShares());
  }

  @Test
  void anUpdateThatTheKernelRefusesChangesNothing() {
    SpecDraft draft = SpecDraft.of(pod, "c");
    draft.limits = memory(64 << 20);
    ContainerId id = world.create.create(draft.spec());
    world.start.start(id.value());
    Limits bad =
        new Limits(
            OptionalLong.of(100),
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.of(32 << 20),
            OptionalLong.empty(),
            OptionalLong.empty(),
            java.util.Optional.of("4000"),
            java.util.Optional.empty(),
            List.of(),
            java.util.Map.of(),
            List.of());
    assertThrows(CriException.class, () -> world.update.update(id.value(), bad));
    assertEquals(memory(64 << 20).memoryBytes(), world.get(id).spec().limits().memoryBytes());
    CgroupPath cgroup = CgroupPath.of(world.get(id).cgroup());
    assertEquals(OptionalLong.of(64 << 20), world.cgroups.limits(cgroup).memoryBytes());
  }

  @Test
  void anUpdateThatTheJournalRefusesIsTakenBackInTheKernel() {
    SpecDraft draft = SpecDraft.of(pod, "c");
    draft.limits = memory(64 << 20).withCpuShares(512);
    ContainerId id = world.create.create(draft.spec());
    world.start.start(id.value());
    CgroupPath cgroup = CgroupPath.of(world.get(id).cgroup());
    world.journal.close();
    RuntimeException refused =
        assertThrows(
            RuntimeException.class,
            () -> world.update.update(id.value(), memory(32 << 20).withCpuShares(256)));
    assertTrue(message(refused).contains("is closed"), message(refused));
    assertEquals(OptionalLong.of(64 << 20), world.cgroups.limits(cgroup).memoryBytes());
    assertEquals(OptionalLong.of(512), world.cgroups.limits(cgroup).cpuShares());
    assertEquals(OptionalLong.of(512), world.get(id).spec().limits().cpuShares());
    world.restart(); // so that the end can remove it
    world.containers.load();
    world.exits.watch(id);
  }

  @Test
  void updatesAtTheSameTimeLeaveTheKernelAndTheRecordWithTheSameLimits() throws Exception {
    ContainerId id = world.running(pod, "c");
    try (var pool = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
      for (long i = 1; i <= 40; i++) {
        Limits change = Limits.NONE.withCpuShares(100 + i);
        pool.execute(() -> world.update.update(id.value(), change));
      }
    }
    CgroupPath cgroup = CgroupPath.of(world.get(id).cgroup());
    assertEquals(
        world.get(id).spec().limits().cpuShares(), world.cgroups.limits(cgroup).cpuShares());
  }

  @Test
  void aCreatedContainerRefusesWhatItsStartCouldNotCarryOut() {
    ContainerId id = world.create.create(SpecDraft.of(pod, "c").spec());
    Limits bad = Limits.NONE.withCpuset("4000", "0");
    String why =
        message(
            assertThrows(
                CriException.InvalidArgument.class, () -> world.update.update(id.value(), bad)));
    assertTrue(why.startsWith("cpuset cpus \"4000\" names 4000, but this node has"), why);
    assertEquals(java.util.Optional.empty(), world.get(id).spec().limits().cpusetCpus());
    SpecDraft draft = SpecDraft.of(pod, "d");
    draft.limits = bad;
    assertThrows(CriException.InvalidArgument.class, () -> world.create.create(draft.spec()));
  }

  @Test
  void anEndedContainerIsNotUpdated() {
    ContainerId id = world.running(pod, "c");
    world.shim(id).exit(0);
    world.ended(id);
    assertEquals(
        "container " + id + " is Exited, its resources cannot be changed",
        message(
            assertThrows(
                CriException.FailedPrecondition.class,
                () -> world.update.update(id.value(), memory(1 << 20)))));
  }
}
