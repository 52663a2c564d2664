package io.onggi.e2e.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.onggi.e2e.Node;
import io.onggi.e2e.Programs;
import io.onggi.proto.ContainerState;
import io.onggi.proto.ContainerStatus;
import io.onggi.proto.KeyValue;
import io.onggi.proto.ListPodSandboxRequest;
import io.onggi.proto.PodSandboxState;
import io.onggi.proto.PodSandboxStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The daemon that goes and comes again, and a second one beside it. */
class DaemonContractTest {
  private static final ByteString ODD =
      ByteString.copyFrom(new byte[] {'a', (byte) 0xff, (byte) 0xc3, '\n', 'z'});

  @Test
  void c01_c03_addressesOfStoppedPodsAreGivenAgain() {
    // A /29 has five addresses for pods at the most.
    try (Node small = Node.start(List.of("--pod-cidr=10.79.0.0/29"), false)) {
      for (int i = 0; i < 12; i++) {
        try (Pod pod = Pod.run(small)) {
          assertTrue(pod.status().getNetwork().getIp().startsWith("10.79.0."));
        }
      }
    }
  }

  @Test
  void restart_afterSigkillPodsAndContainersAreAsTheyWere() throws IOException {
    survives(true);
  }

  @Test
  void restart_afterSigtermPodsAndContainersAreAsTheyWere() throws IOException {
    survives(false);
  }

  private static void survives(boolean kill) throws IOException {
    Node first = Node.start(List.of("--pod-cidr=10.82.0.0/24"), true);
    Pod pod = Pod.run(first, c -> c.putAnnotations("odd", "\u202e\ud83e\udd52"));
    String running =
        pod.start(
            "running",
            c -> c.addEnvs(KeyValue.newBuilder().setKey("ODD").setValue(ODD)),
            "sh",
            "-c",
            "trap 'exit 6' TERM; i=0; while :; do echo line $i; i=$((i+1)); sleep 0.01; done");
    String ends =
        pod.start(
            "ends", "sh", "-c", "echo ready; while [ ! -e /tmp/go ]; do sleep 0.02; done; exit 42");
    String killed = pod.start("killed");
    String created = pod.create("created");
    String before = pod.start("before", "sh", "-c", "exit 3");
    pod.awaitExit(before);
    Path goFile = Path.of("/proc", Integer.toString(pod.pid(ends)), "root", "tmp", "go");
    int killedPid = pod.pid(killed);
    PodSandboxStatus podBefore = pod.status();
    ContainerStatus runningBefore = pod.status(running);
    ContainerStatus exitedBefore = pod.status(before);
    Path endsProcess = Path.of("/proc/" + pod.pid(ends));

    Node second =
        first.restart(
            kill,
            () -> {
              write(goFile);
              run("kill", "-9", Integer.toString(killedPid));
              Await.until(() -> "it goes on", () -> !Files.exists(endsProcess));
            });
    try (second) {
      Pod again = pod.on(second);
      assertEquals(podBefore, again.status());
      assertEquals(runningBefore, again.status(running));
      assertEquals(exitedBefore, again.status(before));
      ContainerStatus ended = again.awaitExit(ends);
      assertEquals(42, ended.getExitCode());
      assertEquals("Error", ended.getReason());
      assertTrue(ended.getFinishedAt() >= ended.getStartedAt());
      assertEquals(137, again.awaitExit(killed).getExitCode());
      assertEquals("alive", again.sh(running, "echo alive"));
      assertEquals(ODD, again.exec(running, 0, "sh", "-c", "printf %s \"$ODD\"").getStdout());
      assertEquals(ContainerState.CONTAINER_CREATED, again.status(created).getState());
      again.begin(created);
      assertEquals("alive", again.sh(created, "echo alive"));
      again.stop(running, 30);
      assertEquals(6, again.status(running).getExitCode());
      assertNoLineIsMissing(Files.readAllLines(again.logFile(running)));
      again.stop();
      assertEquals(PodSandboxState.SANDBOX_NOTREADY, again.status().getState());
    }
    assertFalse(Files.exists(second.folder()));
  }

  private static void assertNoLineIsMissing(List<String> log) {
    assertTrue(log.size() > 3, log.toString());
    IntStream.range(0, log.size())
        .forEach(i -> assertTrue(log.get(i).endsWith(" stdout F line " + i), log.get(i)));
  }

  private static void write(Path file) {
    try {
      Files.writeString(file, "");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void run(String... command) {
    Programs.Result result = Programs.run(List.of(command));
    assertEquals(0, result.status(), result.output());
  }

  @Test
  void twoDaemons_liveSideBySideAndTouchNothingOfEachOther() {
    try (Node one = Node.start(List.of("--pod-cidr=10.81.0.0/24"), true);
        Pod first = Pod.run(one)) {
      String container = first.start("c");
      try (Node two = Node.start(List.of("--pod-cidr=10.80.0.0/24"), false);
          Pod second = Pod.run(two)) {
        assertEquals(1, pods(one));
        assertEquals(1, pods(two));
        Fails.notFound(container, () -> second.status(container));
        Fails.notFound(second.id(), () -> Pod.of(one, second.config(), second.id()).status());
        assertAnswers(second.status().getNetwork().getIp());
        assertAnswers(first.status().getNetwork().getIp());
      }
      assertEquals("alive", first.sh(container, "echo alive"));
      assertAnswers(first.status().getNetwork().getIp());
      first.sh(container, "ping -c 1 -W 10 10.81.0.1");
    }
  }

  private static void assertAnswers(String address) {
    run("ping", "-c", "1", "-W", "10", address);
  }

  private static int pods(Node node) {
    return node.cri()
        .runtime()
        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
        .getItemsCount();
  }
}
