package io.onggi.e2e.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.onggi.e2e.Node;
import io.onggi.proto.ReopenContainerLogRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Log files and ReopenContainerLog. */
@ExtendWith(SharedNode.class)
class LogContractTest {
  private static final Pattern LINE =
      Pattern.compile(
          "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}(Z|[+-]\\d\\d:\\d\\d) (stdout|stderr) [PF] .*");

  private final Node node;

  LogContractTest(Node node) {
    this.node = node;
  }

  @Test
  void c32_reopenMakesTheFileAnewAndNoLineIsLost() throws IOException {
    try (Pod pod = Pod.run(node)) {
      String container =
          pod.start(
              "c",
              "sh",
              "-c",
              "i=0; while [ $i -lt 400 ]; do echo line $i; i=$((i+1)); [ $((i % 50)) = 0 ] && sleep 0.05; done; echo end");
      Path log = pod.logFile(container);
      ContainerContractTest.awaitLog(pod, container, "line 60");
      Path rotated = log.resolveSibling("0.log.rotated");
      Files.move(log, rotated);
      reopen(container);
      assertTrue(Files.exists(log), "no new file");
      pod.awaitExit(container);
      List<String> lines = Stream.of(rotated, log).flatMap(f -> Cgroup.lines(f).stream()).toList();
      assertEquals(401, lines.size());
      lines.forEach(l -> assertTrue(LINE.matcher(l).matches(), l));
      IntStream.range(0, 400)
          .forEach(i -> assertTrue(lines.get(i).endsWith(" stdout F line " + i), lines.get(i)));
    }
  }

  @Test
  void c32_aReopenThatFailsMakesNoFile() throws IOException {
    try (Pod pod = Pod.run(node)) {
      String ended = pod.start("ended", "echo", "once");
      pod.awaitExit(ended);
      Path log = pod.logFile(ended);
      Path rotated = log.resolveSibling("rotated");
      Files.move(log, rotated);
      Fails.with(Status.Code.FAILED_PRECONDITION, ended, () -> reopen(ended));
      assertFalse(Files.exists(log));
      Fails.notFound("no-such", () -> reopen("no-such"));

      String running =
          pod.start(
              "running",
              "sh",
              "-c",
              "echo one; while [ ! -e /tmp/go ]; do sleep 0.05; done; echo two");
      ContainerContractTest.awaitLog(pod, running, "one");
      Path file = pod.logFile(running);
      Path folder = file.resolve("..").normalize();
      Path away = folder.resolveSibling("away");
      Files.move(folder, away);
      StatusRuntimeException failed =
          assertThrows(StatusRuntimeException.class, () -> reopen(running));
      assertTrue(
          String.valueOf(failed.getMessage()).contains(file.toString()), failed.getMessage());
      assertFalse(Files.exists(file));
      // The old file stays in use.
      pod.sh(running, "touch /tmp/go");
      pod.awaitExit(running);
      assertTrue(Files.readString(away.resolve(file.getFileName())).contains("two"));
    }
  }

  private void reopen(String container) {
    node.cri()
        .runtime()
        .reopenContainerLog(
            ReopenContainerLogRequest.newBuilder().setContainerId(container).build());
  }

  @Test
  void log_streamsAreToldApartAndALongLineIsInParts() throws IOException {
    try (Pod pod = Pod.run(node)) {
      String container =
          pod.start(
              "c",
              "sh",
              "-c",
              "echo out; echo err >&2; head -c 40000 /dev/zero | tr '\\0' x; printf '\\nno newline'");
      pod.awaitExit(container);
      String log = Files.readString(pod.logFile(container));
      log.lines().forEach(l -> assertTrue(LINE.matcher(l).matches(), l));
      assertTrue(log.contains(" stdout F out\n"), log);
      assertTrue(log.contains(" stderr F err\n"), log);
      long parts = log.lines().filter(l -> l.contains(" stdout P x")).count();
      assertEquals(2, parts, "16 KiB a part of 40,000 bytes");
      assertTrue(log.contains("no newline"), log);
      assertEquals(40_000, log.chars().filter(c -> c == 'x').count());
    }
  }

  @Test
  void log_theFileIsThereFromTheStartAndItsPathIsAbsolute() {
    try (Pod pod = Pod.run(node)) {
      String container = pod.start("c");
      assertTrue(pod.logFile(container).isAbsolute());
      assertTrue(Files.exists(pod.logFile(container)));
      assertTrue(pod.logFile(container).endsWith("c/0.log"));
    }
  }
}
