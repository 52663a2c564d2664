package io.onggi.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.cgroup.Limits;
import io.onggi.event.Delivery;
import io.onggi.event.Subscription;
import io.onggi.sandbox.SandboxId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the verbs do, as the one place of events tells it. */
class PodEventsTest {
  @TempDir private Path folder;
  private ContainerWorld world;
  private Subscription<PodEvent> events;

  @BeforeEach
  void begin() {
    world = new ContainerWorld(folder);
    events = world.events.hub().subscribe();
  }

  @AfterEach
  void end() {
    world.close();
  }

  private List<PodEvent> told() throws InterruptedException {
    List<PodEvent> told = new ArrayList<>();
    while (events.next(Duration.ZERO) instanceof Delivery.Event<PodEvent>(long _, PodEvent e)) {
      told.add(e);
    }
    return told;
  }

  private static List<String> lines(List<PodEvent> told) {
    return told.stream().map(e -> e.kind() + " " + e.id()).toList();
  }

  @Test
  void theLifeOfAPodIsToldInItsOrder() throws InterruptedException {
    SandboxId pod = world.sandbox("p");
    ContainerId c = world.running(pod, "c");
    world.stop.stop(c.value(), 0);
    world.ended(c);
    world.remove.remove(c.value());
    world.stopSandbox.stop(pod.value());
    world.removeSandbox.remove(pod.value());
    List<PodEvent> told = told();
    assertEquals(
        List.of(
            "CREATED " + pod,
            "STARTED " + pod,
            "CREATED " + c,
            "STARTED " + c,
            "STOPPED " + c,
            "DELETED " + c,
            "STOPPED " + pod,
            "DELETED " + pod),
        lines(told));
  }

  @Test
  void eachEventHoldsTheWholePodAsItWasThen() throws InterruptedException {
    SandboxId pod = world.sandbox("p");
    ContainerId one = world.running(pod, "one");
    ContainerId two = world.created(pod, "two");
    world.sandbox("another");
    world.remove.remove(two.value());
    world.stopSandbox.stop(pod.value());
    List<PodEvent> told = told();
    PodEvent oneStarted = told.get(3);
    assertInstanceOf(ContainerState.Running.class, oneStarted.containers().getFirst().state());
    assertEquals(List.of(one, two), told.get(4).containers().stream().map(Container::id).toList());
    PodEvent another = told.get(5);
    assertEquals("another", another.sandbox().spec().name().name());
    assertEquals(List.of(), another.containers());
    PodEvent twoDeleted = told.get(7);
    assertEquals("DELETED " + two, lines(told).get(7));
    assertEquals(List.of(one), twoDeleted.containers().stream().map(Container::id).toList());
    PodEvent podStopped = told.getLast();
    assertTrue(!podStopped.sandbox().ready(), podStopped.toString());
  }

  @Test
  void timesRiseAlsoWhenTheClockStandsStill() throws InterruptedException {
    world.created(world.sandbox("p"), "c");
    Instant last = Instant.EPOCH;
    for (PodEvent event : told()) {
      assertTrue(event.at().isAfter(last), event.toString());
      last = event.at();
    }
  }

  @Test
  void aStartThatFailsIsAnEndWithoutABeginning() throws InterruptedException {
    SandboxId pod = world.sandbox("p");
    ContainerId c = world.created(pod, "c");
    told();
    world.shims.failAt(_ -> true, 5);
    assertThrows(RuntimeException.class, () -> world.start.start(c.value()));
    List<PodEvent> told = told();
    assertEquals(List.of("STOPPED " + c), lines(told));
    assertEquals(
        "StartError",
        assertInstanceOf(
                ContainerState.Exited.class, told.getFirst().containers().getFirst().state())
            .reason());
  }

  @Test
  void aChangeOfLimitsIsNoEvent() throws InterruptedException {
    ContainerId c = world.running(world.sandbox("p"), "c");
    told();
    world.update.update(c.value(), Limits.NONE.withMemory(64 << 20));
    assertEquals(List.of(), told());
  }

  @Test
  void whatARestartedDaemonFindsIsNoEventButWhatEndedMeanwhileIs() throws InterruptedException {
    SandboxId pod = world.sandbox("p");
    ContainerId c = world.created(pod, "c");
    world.restart();
    world.sandboxes.load();
    world.containers.load();
    Subscription<PodEvent> anew = world.events.hub().subscribeToKept();
    assertEquals(new Delivery.Nothing<>(), anew.next(Duration.ZERO));
    world.start.start(c.value());
    Delivery<PodEvent> next = anew.next(Duration.ZERO);
    assertTrue(
        next instanceof Delivery.Event<PodEvent>(long n, PodEvent e)
            && n == 1
            && e.kind() == PodEvent.Kind.STARTED
            && e.sandbox().id().equals(pod),
        next.toString());
  }
}
