package io.onggi.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.error.CriException;
import io.onggi.network.FakePodNetwork;
import io.onggi.store.IdSource;
import io.onggi.store.Journal;
import io.onggi.store.Ledger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RunPodSandbox, StopPodSandbox and RemovePodSandbox over a kernel in memory. */
class SandboxVerbsTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000, 5);

  @TempDir private Path folder;
  private Journal journal;
  private Ledger ledger;
  private Sandboxes sandboxes;
  private SandboxLayout layout;
  private FakeSandboxKernel kernel;
  private final List<String> members = new ArrayList<>();
  private boolean membersFail;
  private RunSandbox run;
  private StopSandbox stop;
  private RemoveSandbox remove;

  private final class Members implements SandboxMembers {
    @Override
    public void stopAll(SandboxId sandbox) {
      members.add("stop");
      if (membersFail) {
        throw new CriException.DeadlineExceeded("a process is stuck");
      }
    }

    @Override
    public void removeAll(SandboxId sandbox) {
      members.add("remove");
    }
  }

  @BeforeEach
  void wire() {
    journal = Journal.open(folder.resolve("journal"), Journal.Options.ofThisBoot(false));
    ledger = new Ledger(journal);
    sandboxes = new Sandboxes(journal, _ -> {});
    layout = new SandboxLayout(folder);
    kernel = new FakeSandboxKernel(new FakePodNetwork());
    InstantSource clock = InstantSource.fixed(NOW);
    Members answering = new Members();
    run =
        new RunSandbox(
            sandboxes,
            kernel,
            layout,
            ledger,
            IdSource.random(),
            clock,
            new Timelines(clock, System::nanoTime));
    stop = new StopSandbox(sandboxes, answering, kernel, clock);
    remove =
        new RemoveSandbox(
            sandboxes,
            stop,
            answering,
            layout,
            ledger,
            new Trash(folder.resolve("trash"), Runnable::run));
  }

  @AfterEach
  void close() {
    journal.close();
  }

  private List<Path> folders() throws IOException {
    if (!Files.exists(layout.sandboxes())) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(layout.sandboxes())) {
      return entries.toList();
    }
  }

  private void assertNothingLeft() throws IOException {
    assertEquals(Set.of(), kernel.live());
    assertEquals(List.of(), folders());
    assertEquals(List.of(), ledger.all());
    assertEquals(List.of(), sandboxes.list());
  }

  @Test
  void aSandboxIsReadyOnReturnWithItsAddressAndItsFiles() throws IOException { // checklist 1, 10
    SandboxId id = run.run(SandboxSpecs.plain("red"));
    Sandbox sandbox = sandboxes.get(id.value());
    assertTrue(sandbox.ready());
    assertEquals(NOW, sandbox.createdAt());
    String address =
        sandbox.attachment().orElseThrow().addresses().getFirst().address().getHostAddress();
    assertTrue(Files.readString(layout.hosts(id)).endsWith(address + "\tred\n"));
    assertEquals("red\n", Files.readString(layout.hostname(id)));
    assertEquals("sandbox", ledger.all().getFirst().kind());
    assertEquals(id.value(), ledger.all().getFirst().name());
  }

  @Test
  void theSameMetadataAgainIsTheReadySandbox() { // checklist 7
    SandboxId id = run.run(SandboxSpecs.plain("red"));
    assertEquals(id, run.run(SandboxSpecs.plain("red")));
    assertEquals(1, sandboxes.list().size());
  }

  @Test
  void twentyCallersAtOnceMakeOneSandbox() throws Exception {
    List<Future<SandboxId>> callers = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 20; i++) {
        callers.add(threads.submit(() -> run.run(SandboxSpecs.plain("red"))));
      }
    }
    SandboxId id = sandboxes.list().getFirst().id();
    for (Future<SandboxId> caller : callers) {
      assertEquals(id, caller.get());
    }
    assertEquals(1, sandboxes.list().size());
  }

  @Test
  void theSameMetadataOfAStoppedSandboxIsRefusedAndSaysWhatToDo() {
    SandboxId id = run.run(SandboxSpecs.plain("red"));
    stop.stop(id.value());
    CriException.AlreadyExists e =
        assertThrows(CriException.AlreadyExists.class, () -> run.run(SandboxSpecs.plain("red")));
    assertEquals(
        "pod sandbox "
            + id
            + " has the metadata default/red (uid uid-red, attempt 0) and is stopped;"
            + " remove it first, or raise metadata.attempt",
        e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"pins", "shm", "attachment", "init"})
  void aFailureOfAnyStepLeavesNothingAndTheSameRequestWorksThen(String step) throws IOException {
    kernel.failAt(step);
    SandboxSpec spec = SandboxSpecs.of("red", NamespaceModes.POD_SHARED);
    CriException.Internal e = assertThrows(CriException.Internal.class, () -> run.run(spec));
    assertEquals("making " + step + ": Operation not permitted", e.getMessage());
    assertNothingLeft();
    List<String> order = List.of("init", "attachment", "shm", "pins");
    assertEquals(order.subList(order.indexOf(step), order.size()), kernel.undone());
    kernel.failNoMore();
    assertTrue(sandboxes.get(run.run(spec).value()).ready());
  }

  @Test
  void anUndoThatFailsKeepsTheIntentForTheNextStart() {
    kernel.failAt("init");
    kernel.failAt("no attachment");
    SandboxSpec spec = SandboxSpecs.of("red", NamespaceModes.POD_SHARED);
    CriException.Internal e = assertThrows(CriException.Internal.class, () -> run.run(spec));
    assertEquals("making init: Operation not permitted", e.getMessage());
    assertEquals("unmaking attachment: Device or resource busy", e.getSuppressed()[0].getMessage());
    assertEquals(List.of("init", "attachment", "shm", "pins"), kernel.undone(), "all were tried");
    assertEquals(1, ledger.all().size(), "what is left is known by its intent");
  }

  @Test
  void aPodOnTheHostsNetworkIsNotAttachedAndHasTheHostsNames() throws IOException {
    SandboxId id =
        run.run(
            SandboxSpecs.of(
                "red",
                new NamespaceModes(
                    NamespaceMode.NODE, NamespaceMode.CONTAINER, NamespaceMode.NODE, "")));
    assertEquals(Set.of("pins " + id), kernel.live());
    assertFalse(sandboxes.get(id.value()).attachment().isPresent());
    assertEquals(Files.readString(Path.of("/etc/hosts")), Files.readString(layout.hosts(id)));
    stop.stop(id.value());
    remove.remove(id.value());
    assertEquals(Set.of(), kernel.live());
  }

  @Test
  void stopEndsTheContainersFirstAndFreesAllAndIsIdempotent() { // checklist 3, 4
    SandboxId id = run.run(SandboxSpecs.of("red", NamespaceModes.POD_SHARED));
    stop.stop(id.value());
    assertEquals(Set.of(), kernel.live());
    assertEquals(List.of("init", "attachment", "pins", "shm"), kernel.undone());
    SandboxState.NotReady state =
        assertInstanceOf(SandboxState.NotReady.class, sandboxes.get(id.value()).state());
    assertEquals(NOW, state.at());
    assertTrue(state.attachment().isPresent(), "for status");
    stop.stop(id.value());
    stop.stop("f".repeat(64));
    stop.stop("");
    assertEquals(List.of("stop", "stop"), members, "again for one started between the two");
  }

  @Test
  void aStopThatCannotEndTheContainersLeavesTheSandboxReadyForAnotherTry() {
    SandboxId id = run.run(SandboxSpecs.plain("red"));
    membersFail = true;
    assertThrows(CriException.DeadlineExceeded.class, () -> stop.stop(id.value()));
    assertTrue(sandboxes.get(id.value()).ready());
    membersFail = false;
    stop.stop(id.value());
    assertEquals(Set.of(), kernel.live());
  }

  @Test
  void aStopWithAFailingStepRunsTheOthersAndIsTriedAgain() {
    SandboxId id = run.run(SandboxSpecs.plain("red"));
    kernel.failAt("no attachment");
    assertThrows(CriException.Internal.class, () -> stop.stop(id.value()));
    assertEquals(Set.of("attachment " + id), kernel.live());
    kernel.failNoMore();
    stop.stop(id.value());
    assertEquals(Set.of(), kernel.live());
  }

  @Test
  void removeStopsWhatRunsLeavesNothingAndIsIdempotent() throws IOException { // checklist 5
    SandboxId id = run.run(SandboxSpecs.plain("red"));
    remove.remove(id.value());
    assertNothingLeft();
    assertEquals(List.of("stop", "stop", "remove"), members);
    remove.remove(id.value());
    remove.remove("0".repeat(64));
    CriException.NotFound e =
        assertThrows(CriException.NotFound.class, () -> sandboxes.get(id.value()));
    assertEquals(
        "pod sandbox \"" + id + "\" does not exist; `crictl pods` lists those that do",
        e.getMessage()); // checklist 6
  }

  @Test
  void aSandboxIsFoundByAPrefixOfItsOwnAndByNoShorterOne() {
    SandboxId id = run.run(SandboxSpecs.plain("red"));
    assertEquals(id, sandboxes.get(id.value().substring(0, 4)).id());
    assertTrue(sandboxes.find(id.value().substring(0, 3)).isEmpty());
  }
}
