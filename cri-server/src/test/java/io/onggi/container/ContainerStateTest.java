package io.onggi.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.cgroup.Limits;
import io.onggi.container.ContainerState.Created;
import io.onggi.container.ContainerState.Exited;
import io.onggi.container.ContainerState.Removing;
import io.onggi.container.ContainerState.Running;
import io.onggi.container.ContainerState.Starting;
import io.onggi.error.CriException;
import io.onggi.sandbox.SandboxId;
import io.onggi.store.Journal;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The state chart, arrow by arrow. */
class ContainerStateTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);
  private static final List<ContainerState> STATES =
      List.of(
          new Created(),
          new Starting(NOW),
          new Running(1, 2, NOW),
          new Exited(NOW, NOW, 0, "Completed", ""),
          new Removing());
  private static final Set<String> ARROWS =
      Set.of(
          "Created Starting",
          "Created Removing",
          "Starting Running",
          "Starting Exited",
          "Running Exited",
          "Exited Removing");

  @TempDir private Path folder;

  private static String name(ContainerState state) {
    return state.getClass().getSimpleName();
  }

  @Test
  void everyStateIsInTheTable() {
    assertEquals(ContainerState.class.getPermittedSubclasses().length, STATES.size());
  }

  @Test
  void everyOrderedPairIsAllowedOrRefusedAsTheChartSays() {
    for (ContainerState from : STATES) {
      for (ContainerState to : STATES) {
        String pair = name(from) + " " + name(to);
        assertEquals(ARROWS.contains(pair), from.allows(to), pair);
      }
    }
  }

  @Test
  void aMoveThatTheChartDoesNotHaveIsRefusedWithBothNamesAndChangesNothing() {
    try (Journal journal = Journal.open(folder, Journal.Options.ofThisBoot(false))) {
      Containers containers = new Containers(journal, _ -> {});
      int number = 0;
      for (ContainerState from : STATES) {
        ContainerId id = new ContainerId("%064x".formatted(number++));
        containers.add(container(id, from));
        for (ContainerState to : STATES) {
          if (!from.allows(to)) {
            CriException.FailedPrecondition e =
                assertThrows(CriException.FailedPrecondition.class, () -> containers.move(id, to));
            assertEquals(
                "container " + id + " is " + name(from) + ", it cannot become " + name(to),
                e.getMessage());
            assertEquals(from, containers.get(id.value()).state());
          }
        }
      }
      assertTrue(containers.move(new ContainerId("f".repeat(64)), STATES.get(1)).isEmpty());
    }
  }

  @Test
  void everyStateIsReadBackFromTheJournalAsItWas() {
    Journal.Options options = Journal.Options.ofThisBoot(false);
    try (Journal journal = Journal.open(folder, options)) {
      Containers containers = new Containers(journal, _ -> {});
      for (int i = 0; i < STATES.size(); i++) {
        containers.add(container(new ContainerId("%064x".formatted(i)), STATES.get(i)));
      }
    }
    try (Journal journal = Journal.open(folder, options)) {
      Containers containers = new Containers(journal, _ -> {});
      containers.load();
      for (int i = 0; i < STATES.size(); i++) {
        ContainerId id = new ContainerId("%064x".formatted(i));
        assertEquals(container(id, STATES.get(i)), containers.get(id.value()));
      }
    }
  }

  private static Container container(ContainerId id, ContainerState state) {
    SpecDraft draft = SpecDraft.of(new SandboxId("a".repeat(64)), "c");
    draft.limits = Limits.NONE.withMemory(1 << 20);
    draft.mount("/h", "/c", true);
    return new Container(
        id,
        draft.spec(),
        "sha256:" + "b".repeat(64),
        "/var/log/c.log",
        "/onggi/c",
        15,
        new Identity(0, 0, List.of(0L), "/root"),
        NOW,
        state);
  }
}
