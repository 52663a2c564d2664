package io.onggi.e2e.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.onggi.e2e.Node;
import io.onggi.proto.ContainerState;
import io.onggi.proto.ExecSyncResponse;
import io.onggi.proto.Int64Value;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** ExecSync. */
@ExtendWith(SharedNode.class)
class ExecContractTest {
  /** Of both outputs together, so that the answer fits into what the kubelet's client takes. */
  private static final int CAP = (16 << 20) - (4 << 10);

  private final Node node;

  ExecContractTest(Node node) {
    this.node = node;
  }

  @Test
  void c37_outputOverSixteenMebibytesIsCutWithoutAnErrorAndTheKubeletsClientTakesTheAnswer() {
    try (Pod pod = Pod.run(node)) {
      String container = pod.start("c");
      ExecSyncResponse both =
          pod.exec(
              container,
              0,
              "sh",
              "-c",
              "yes 0123456 | head -c 17000000; yes abcdefg | head -c 17000000 >&2; exit 5");
      assertEquals(5, both.getExitCode());
      assertCut(both.getStdout(), CAP / 2, "0123456\n");
      assertCut(both.getStderr(), CAP / 2, "abcdefg\n");
      ExecSyncResponse one =
          pod.exec(container, 0, "sh", "-c", "echo abcdefg >&2; yes 0123456 | head -c 17000000");
      assertCut(one.getStdout(), CAP - 8, "0123456\n");
      assertCut(one.getStderr(), 8, "abcdefg\n");
    }
  }

  private static void assertCut(ByteString output, int size, String pattern) {
    assertEquals(size, output.size());
    byte[] expected =
        pattern
            .repeat(size / pattern.length())
            .getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    assertTrue(output.equals(ByteString.copyFrom(expected)), "not the first bytes of the output");
  }

  @Test
  void c37_outputsAndExitCodeAreTheCommandsOwnAndBytesStayBytes() {
    try (Pod pod = Pod.run(node)) {
      String container = pod.start("c");
      ExecSyncResponse answer =
          pod.exec(container, 0, "sh", "-c", "printf '\\000\\377o'; printf 'e\\303' >&2; exit 42");
      assertEquals(42, answer.getExitCode());
      assertEquals(ByteString.copyFrom(new byte[] {0, (byte) 0xff, 'o'}), answer.getStdout());
      assertEquals(ByteString.copyFrom(new byte[] {'e', (byte) 0xc3}), answer.getStderr());
      assertEquals(137, pod.exec(container, 0, "sh", "-c", "kill -KILL $$").getExitCode());
      assertEquals(
          "", pod.exec(container, 0, "cat").getStdout().toStringUtf8(), "stdin is not empty");
    }
  }

  @Test
  void c37_theTimeoutKillsTheWholeTreeAlsoWhatLeftTheSessionAndHoldsTheOutput() {
    try (Pod pod = Pod.run(node)) {
      String container = pod.start("c");
      long began = System.nanoTime();
      Fails.with(
          Status.Code.DEADLINE_EXCEEDED,
          container,
          () ->
              pod.exec(
                  container,
                  1,
                  "sh",
                  "-c",
                  "trap '' TERM; sh -c 'setsid sleep 98765 & setsid sh -c \"sleep 98765 & wait\" &"
                      + " wait' & wait"));
      Duration took = Duration.ofNanos(System.nanoTime() - began);
      assertTrue(took.compareTo(Duration.ofSeconds(1)) >= 0, "early: " + took);
      assertTrue(took.compareTo(Duration.ofSeconds(10)) < 0, "late: " + took);
      assertFalse(pod.sh(container, "ps").contains("98765"), () -> pod.sh(container, "ps"));
      assertEquals(ContainerState.CONTAINER_RUNNING, pod.status(container).getState());
      assertEquals("alive", pod.sh(container, "echo alive"));
    }
  }

  @Test
  void c37_aGrandchildThatHoldsTheOutputDoesNotHoldTheAnswer() {
    try (Pod pod = Pod.run(node)) {
      String container = pod.start("c");
      long began = System.nanoTime();
      ExecSyncResponse answer =
          pod.exec(container, 30, "sh", "-c", "setsid sleep 98767 </dev/null & echo done");
      assertEquals("done\n", answer.getStdout().toStringUtf8());
      assertTrue(System.nanoTime() - began < Duration.ofSeconds(20).toNanos());
    }
  }

  @Test
  void c37_whatTheCommandLeftRunningDoesNotHoldTheAnswer() {
    try (Pod pod = Pod.run(node)) {
      String container = pod.start("c");
      long began = System.nanoTime();
      ExecSyncResponse answer =
          pod.exec(
              container,
              30,
              "sh",
              "-c",
              "setsid sleep 98766 >/dev/null 2>&1 </dev/null & echo done");
      assertEquals("done\n", answer.getStdout().toStringUtf8());
      assertTrue(System.nanoTime() - began < Duration.ofSeconds(20).toNanos());
    }
  }

  @Test
  void exec_needsARunningContainerAndACommandThatIsThere() {
    try (Pod pod = Pod.run(node)) {
      Fails.notFound("no-such", () -> pod.exec("no-such", 0, "true"));
      String created = pod.create("created");
      Fails.with(Status.Code.FAILED_PRECONDITION, created, () -> pod.exec(created, 0, "true"));
      String container = pod.start("c");
      Fails.invalid(container, () -> pod.exec(container, 0));
      Fails.with(
          Status.Code.INTERNAL, "/bin/nonesuch", () -> pod.exec(container, 0, "/bin/nonesuch"));
      pod.stop(container, 0);
      Fails.with(Status.Code.FAILED_PRECONDITION, container, () -> pod.exec(container, 0, "true"));
    }
  }

  @Test
  void exec_isWhatTheContainersProcessIs() {
    try (Pod pod = Pod.run(node)) {
      String container =
          pod.start(
              "c",
              c ->
                  c.setWorkingDir("/tmp")
                      .getLinuxBuilder()
                      .getSecurityContextBuilder()
                      .setRunAsUser(Int64Value.newBuilder().setValue(33))
                      .setNoNewPrivs(true));
      String facts =
          "for f in ns/pid ns/mnt ns/net ns/ipc ns/uts ns/cgroup cwd root; do readlink /proc/$1/$f;"
              + " done; grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp)' /proc/$1/status";
      assertEquals(
          pod.sh(container, "set -- 1; " + facts), pod.sh(container, "set -- self; " + facts));
      assertEquals(
          "0",
          pod.sh(container, "ls /proc/self/fd | grep -vcE '^[0-3]$' || true"),
          "open descriptors");
    }
  }

  @Test
  void exec_manyAtOnceEachGetTheirOwnAnswer() {
    try (Pod pod = Pod.run(node)) {
      String container = pod.start("c");
      List<String> expected =
          java.util.stream.IntStream.range(0, 16).mapToObj(i -> "n" + i).toList();
      java.util.Iterator<String> next = expected.iterator();
      java.util.Set<String> answers =
          Together.run(
              expected.size(),
              () -> {
                String mine;
                synchronized (next) {
                  mine = next.next();
                }
                assertEquals(mine, pod.sh(container, "echo " + mine));
                return mine;
              });
      assertEquals(expected.size(), answers.size());
    }
  }
}
