package io.onggi.e2e.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.onggi.e2e.Node;
import io.onggi.proto.ContainerEventResponse;
import io.onggi.proto.ContainerState;
import io.onggi.proto.ContainerStatus;
import io.onggi.proto.PodSandboxState;
import io.onggi.proto.PodSandboxStatusRequest;
import io.onggi.proto.PodSandboxStatusResponse;
import io.onggi.proto.RemoveContainerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** GetContainerEvents: what happened, in order, for clients that come, go and dawdle. */
@ExtendWith(SharedNode.class)
class EventContractTest {
  /** As many events as the daemon keeps (io.onggi.container.PodEvents). */
  private static final int KEPT = 1024;

  private final Node node;

  EventContractTest(Node node) {
    this.node = node;
  }

  @Test
  void events_theLifeOfAPodComesInOrderWithTheWholePodInEach() {
    try (EventReader events = EventReader.news(node)) {
      Pod pod = Pod.run(node);
      String container = pod.start("c", "sh", "-c", "exit 7");
      pod.awaitExit(container);
      pod.close();
      List<ContainerEventResponse> told = events.next(8);
      assertEquals(
          List.of(
              "created " + pod.id(),
              "started " + pod.id(),
              "created " + container,
              "started " + container,
              "stopped " + container,
              "stopped " + pod.id(),
              "deleted " + container,
              "deleted " + pod.id()),
          EventReader.lines(told));
      long last = 0;
      for (ContainerEventResponse event : told) {
        assertTrue(event.getCreatedAt() > last, told.toString());
        last = event.getCreatedAt();
        assertEquals(pod.config().getMetadata(), event.getPodSandboxStatus().getMetadata());
      }
      ContainerStatus ended = told.get(4).getContainersStatuses(0);
      assertEquals(ContainerState.CONTAINER_EXITED, ended.getState());
      assertEquals(7, ended.getExitCode());
      assertEquals(PodSandboxState.SANDBOX_READY, told.get(4).getPodSandboxStatus().getState());
      assertEquals(PodSandboxState.SANDBOX_NOTREADY, told.get(5).getPodSandboxStatus().getState());
      assertEquals(0, told.get(6).getContainersStatusesCount());
    }
  }

  @Test
  void events_theStatusOfAPodHoldsItsContainersAndTheTime() { // what the evented PLEG also asks
    try (Pod pod = Pod.run(node)) {
      String container = pod.start("c");
      PodSandboxStatusResponse answer =
          node.cri()
              .runtime()
              .podSandboxStatus(
                  PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod.id()).build());
      assertEquals(List.of(pod.status(container)), answer.getContainersStatusesList());
      assertTrue(answer.getTimestamp() > answer.getStatus().getCreatedAt(), answer.toString());
    }
  }

  @Test
  void events_aClientThatComesBackHearsWhatItMissedAndNothingTwice() {
    try (Pod pod = Pod.run(node)) {
      String run;
      long first;
      try (EventReader events = EventReader.news(node)) {
        pod.create("one");
        assertEquals(1, events.next(1).size());
        run = events.run();
        first = events.first();
      }
      String two = pod.create("two");
      String three = pod.create("three");
      try (EventReader events = EventReader.after(node, run + "." + first)) {
        assertEquals(
            List.of("created " + two, "created " + three), EventReader.lines(events.next(2)));
        assertEquals(first + 1, events.first());
        assertEquals(run, events.run());
        String four = pod.create("four");
        assertEquals(List.of("created " + four), EventReader.lines(events.next(1)));
      }
      try (EventReader events = EventReader.after(node, Long.toString(first + 2))) {
        assertEquals(1, events.next(1).size());
        assertEquals(first + 3, events.first());
      }
    }
  }

  @Test
  void events_aPositionThatCannotBeServedIsRefusedNotSkipped() {
    for (String gone : List.of("00000000.0", "9000000000")) {
      StatusRuntimeException refused =
          assertThrows(
              StatusRuntimeException.class,
              () -> {
                try (EventReader events = EventReader.after(node, gone)) {
                  events.next(1);
                }
              });
      assertEquals(Status.Code.FAILED_PRECONDITION, refused.getStatus().getCode());
      assertTrue(said(refused).contains("list pods and containers"), refused.getMessage());
    }
    Fails.invalid(
        "onggi-events-after",
        () -> {
          try (EventReader events = EventReader.after(node, "yesterday")) {
            events.next(1);
          }
        });
  }

  @Test
  void events_aSlowClientDelaysNobodyAndIsToldThatItLost() {
    String large = "x".repeat(60_000);
    try (Pod pod = Pod.run(node, c -> c.putAnnotations("large", large));
        EventReader slow = EventReader.news(node);
        EventReader quick = EventReader.news(node)) {
      List<String> expected = new ArrayList<>();
      List<ContainerEventResponse> heard = new ArrayList<>();
      // More than the daemon keeps and what lies in the slow client's buffers (1 MiB and a little).
      int rounds = (KEPT + 100) / 2;
      for (int i = 0; i < rounds; i++) {
        String container = pod.create("c" + i);
        node.cri()
            .runtime()
            .removeContainer(RemoveContainerRequest.newBuilder().setContainerId(container).build());
        expected.add("created " + container);
        expected.add("deleted " + container);
        heard.addAll(quick.next(2));
      }
      assertEquals(expected, EventReader.lines(heard));
      StatusRuntimeException lost =
          assertThrows(StatusRuntimeException.class, () -> slow.next(2 * rounds));
      assertEquals(Status.Code.RESOURCE_EXHAUSTED, lost.getStatus().getCode(), lost.getMessage());
      assertTrue(said(lost).contains("list pods and containers"), lost.getMessage());
    }
  }

  @Test
  void events_whatEndedWhileNoDaemonRanIsToldByTheNext() {
    Node first = Node.start(List.of("--pod-cidr=10.84.0.0/24"), true);
    Pod pod = Pod.run(first);
    String container =
        pod.start("c", "sh", "-c", "while [ ! -e /tmp/go ]; do sleep 0.02; done; exit 9");
    Path process = Path.of("/proc", Integer.toString(pod.pid(container)));
    String run;
    try (EventReader events = EventReader.news(first)) {
      run = events.run();
    }
    Node second =
        first.restart(
            true,
            () -> {
              touch(process.resolve("root/tmp/go"));
              Await.until(() -> "it goes on", () -> !Files.exists(process));
            });
    try (second;
        EventReader events = EventReader.after(second, "oldest")) {
      ContainerEventResponse told = events.next(1).getFirst();
      assertEquals(List.of("stopped " + container), EventReader.lines(List.of(told)));
      assertEquals(1, events.first());
      assertFalse(run.equals(events.run()), "numbers begin anew, and the run says so");
      assertEquals(9, told.getContainersStatuses(0).getExitCode());
      pod.on(second).close();
    }
  }

  private static String said(StatusRuntimeException e) {
    return String.valueOf(e.getMessage());
  }

  private static void touch(Path file) {
    try {
      Files.createFile(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void events_theProgramPrintsThemAsLines() {
    try (Pod pod = Pod.run(node)) {
      String container = pod.start("c", "sh", "-c", "exit 3");
      pod.awaitExit(container);
      String name = "e2e/" + pod.config().getMetadata().getName();
      String line = " stopped container " + container.substring(0, 13) + " " + name + "/c Error 3";
      String said = EventReader.program(node, line);
      assertTrue(said.contains(" created pod " + pod.id().substring(0, 13) + " " + name), said);
      assertTrue(said.contains(line), said);
    }
  }
}
