package io.onggi.e2e.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.onggi.e2e.Node;
import io.onggi.e2e.Programs;
import io.onggi.proto.AttachRequest;
import io.onggi.proto.ContainerConfig;
import io.onggi.proto.ContainerState;
import io.onggi.proto.ExecRequest;
import io.onggi.proto.PortForwardRequest;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Attach, and what the three streaming calls have in common. */
@ExtendWith(SharedNode.class)
class AttachContractTest {
  private static final String SUCCESS = "{\"metadata\":{},\"status\":\"Success\"}";
  private static final Consumer<ContainerConfig.Builder> STDIN = c -> c.setStdin(true);
  private static final Consumer<ContainerConfig.Builder> TERMINAL =
      c -> c.setStdin(true).setTty(true);

  /** Says twice what it hears, once on each output. */
  private static final String[] ECHO = {
    "sh", "-c", "while read x; do echo out $x; echo err $x >&2; done; echo end of file; exit 7"
  };

  private static final int FLOOD_LINES = 400_000;
  private static final int FLOOD_LINE = 250;
  private static final int SHIM_KIB = 500;

  private final Node node;

  AttachContractTest(Node node) {
    this.node = node;
  }

  private static AttachRequest.Builder streams(String container) {
    return AttachRequest.newBuilder().setContainerId(container).setStdin(true).setStdout(true);
  }

  private static String url(Pod pod, AttachRequest.Builder request) {
    return pod.cri().runtime().attach(request.build()).getUrl();
  }

  /** With stdin, stdout and stderr. */
  private static StreamClient attach(Pod pod, String container) {
    return StreamClient.open(url(pod, streams(container).setStderr(true)));
  }

  private static StreamClient attachTerminal(Pod pod, String container) {
    return StreamClient.open(url(pod, streams(container).setTty(true)));
  }

  private static String exec(Pod pod, ExecRequest.Builder request) {
    return pod.cri().runtime().exec(request.build()).getUrl();
  }

  @Test
  void c35_atLeastOneStreamAndNoStderrWithATerminal() {
    try (Pod pod = Pod.run(node)) {
      String container = pod.start("c", STDIN);
      AttachRequest.Builder none = AttachRequest.newBuilder().setContainerId(container);
      Fails.invalid("none of stdin, stdout and stderr", () -> url(pod, none));
      AttachRequest.Builder both = streams(container).setTty(true).setStderr(true);
      Fails.invalid("tty and stderr exclude each other", () -> url(pod, both));
      ExecRequest.Builder exec = ExecRequest.newBuilder().setContainerId(container).addCmd("true");
      Fails.invalid("none of stdin, stdout and stderr", () -> exec(pod, exec));
      Fails.invalid(
          "tty and stderr exclude each other",
          () -> exec(pod, exec.clone().setTty(true).setStdout(true).setStderr(true)));
    }
  }

  @Test
  void c36_ttyOfAnAttachIsTheContainersOwn() {
    try (Pod pod = Pod.run(node)) {
      String plain = pod.start("plain", STDIN);
      String terminal = pod.start("terminal", TERMINAL);
      Fails.invalid(
          "tty is true, but the container was created with tty false",
          () -> url(pod, streams(plain).setTty(true)));
      Fails.invalid(
          "tty is false, but the container was created with tty true",
          () -> url(pod, streams(terminal)));
    }
  }

  @Test
  void c38_theUrlsAreWholeAndWorkOnce() throws IOException {
    try (Pod pod = Pod.run(node)) {
      String container = pod.start("c", STDIN);
      String exec =
          exec(
              pod,
              ExecRequest.newBuilder().setContainerId(container).addCmd("true").setStdout(true));
      String forward =
          pod.cri()
              .runtime()
              .portForward(
                  PortForwardRequest.newBuilder().setPodSandboxId(pod.id()).addPort(80).build())
              .getUrl();
      for (String url : List.of(exec, url(pod, streams(container)), forward)) {
        URI uri = URI.create(url);
        assertEquals("http", uri.getScheme(), url);
        assertEquals("127.0.0.1", uri.getHost(), url);
        assertTrue(uri.getPort() > 0, url);
        assertTrue(uri.getPath().matches("/(exec|attach|portforward)/[^/]+"), url);
        assertFalse(answer(uri) == HttpURLConnection.HTTP_NOT_FOUND, "the first use");
        assertEquals(HttpURLConnection.HTTP_NOT_FOUND, answer(uri), "the second use");
      }
    }
  }

  private static int answer(URI uri) throws IOException {
    HttpURLConnection http = (HttpURLConnection) uri.toURL().openConnection();
    try {
      return http.getResponseCode();
    } finally {
      http.disconnect();
    }
  }

  @Test
  void attach_needsAContainerThatRuns() {
    try (Pod pod = Pod.run(node)) {
      Fails.notFound("no-such", () -> url(pod, streams("no-such")));
      String created = pod.create("created");
      Fails.with(Status.Code.FAILED_PRECONDITION, created, () -> url(pod, streams(created)));
      String ended = pod.start("ended", "true");
      pod.awaitExit(ended);
      Fails.with(Status.Code.FAILED_PRECONDITION, ended, () -> url(pod, streams(ended)));
    }
  }

  @Test
  void attach_whoEndsBetweenTheUrlAndTheClientIsTold() {
    try (Pod pod = Pod.run(node)) {
      String container = pod.start("c", STDIN);
      String url = url(pod, streams(container));
      pod.stop(container, 0);
      try (StreamClient client = StreamClient.open(url)) {
        String status = client.awaitEnd();
        assertTrue(status.contains("\"Failure\"") && status.contains(container), status);
      }
    }
  }

  @Test
  void attach_severalClientsTalkComeAndGoAndTheContainerLives() {
    try (Pod pod = Pod.run(node)) {
      String container = pod.start("c", STDIN, ECHO);
      try (StreamClient listener =
          StreamClient.open(
              url(pod, AttachRequest.newBuilder().setContainerId(container).setStdout(true)))) {
        for (String word : List.of("one", "two")) {
          try (StreamClient client = attach(pod, container)) {
            client.stdin(word + "\n");
            client.awaitStdout("out " + word + "\n");
            Await.until(client::stderr, () -> client.stderr().equals("err " + word + "\n"));
            client.endStdin();
            assertEquals(SUCCESS, client.awaitEnd(), "it has detached");
          }
        }
        try (StreamClient vanishes = attach(pod, container)) {
          vanishes.stdin("three\n");
          vanishes.awaitStdout("out three\n");
        }
        assertEquals(ContainerState.CONTAINER_RUNNING, pod.status(container).getState());
        listener.awaitStdout("out three\n");
        assertEquals("out one\nout two\nout three\n", listener.stdout());
        assertEquals("", listener.stderr());
        pod.stop(container, 0);
        assertEquals(SUCCESS, listener.awaitEnd());
      }
      assertEquals(3, pod.log(container).lines().filter(l -> l.contains(" stdout F out ")).count());
    }
  }

  /** And its exit code is no failure of the attach: kubectl run would print all once more. */
  @Test
  void attach_stdinOnceGivesTheContainerAnEndOfFile() {
    try (Pod pod = Pod.run(node)) {
      String container = pod.start("c", STDIN.andThen(c -> c.setStdinOnce(true)), ECHO);
      try (StreamClient client = attach(pod, container)) {
        client.stdin("word\n");
        client.endStdin();
        assertEquals(SUCCESS, client.awaitEnd());
        assertEquals("out word\nend of file\n", client.stdout());
        assertEquals("err word\n", client.stderr());
      }
      assertEquals(7, pod.awaitExit(container).getExitCode());
      String other = pod.start("other", STDIN.andThen(c -> c.setStdinOnce(true)), ECHO);
      try (StreamClient client = attach(pod, other)) {
        client.stdin("word\n");
        client.awaitStdout("out word\n");
      }
      assertEquals(7, pod.awaitExit(other).getExitCode(), "whose client has gone");
    }
  }

  @Test
  void attach_inputForAContainerWithoutStdinIsLost() {
    try (Pod pod = Pod.run(node)) {
      String container = pod.start("c", "sh", "-c", "while :; do echo tick; sleep 0.1; done");
      Fails.invalid(
          "created with stdin false", () -> url(pod, streams(container).setStdout(false)));
      try (StreamClient client = attach(pod, container)) {
        client.awaitStdout("tick\n");
        client.stdin("lost\n");
        client.endStdin();
        int before = client.stdoutLength();
        Await.until(() -> "no more output", () -> client.stdoutLength() > before + 10);
        pod.stop(container, 0);
        assertEquals(SUCCESS, client.awaitEnd());
      }
    }
  }

  @Test
  void attach_aTerminalHasTheSizeOfWhoComesAndIsDrawnAnewForThem() {
    try (Pod pod = Pod.run(node)) {
      String container =
          pod.start(
              "c",
              TERMINAL.andThen(c -> c.setStdinOnce(true)),
              "sh",
              "-c",
              "trap 'echo size $(stty size)' WINCH; while :; do read x && echo got $x; done");
      for (int[] size : new int[][] {{50, 132}, {50, 132}, {24, 80}}) {
        try (StreamClient client = attachTerminal(pod, container)) {
          // As the kubelet's client: the size goes out before anything has come in.
          client.resize(size[0], size[1]);
          client.awaitStdout("size " + size[0] + " " + size[1] + "\r\n");
          client.stdin("word\r");
          client.awaitStdout("got word\r\n");
          client.resize(size[0] + 1, size[1]);
          client.awaitStdout("size " + (size[0] + 1) + " " + size[1] + "\r\n");
          client.endStdin();
          assertEquals(SUCCESS, client.awaitEnd(), "a terminal is left, never closed");
        }
      }
      assertEquals(ContainerState.CONTAINER_RUNNING, pod.status(container).getState());
    }
  }

  @Test
  void attach_whoDoesNotReadCostsNoLineOfTheLogAndNoMemory() throws IOException {
    try (Pod pod = Pod.run(node)) {
      String container =
          pod.start(
              "c",
              STDIN,
              "sh",
              "-c",
              "read go; yes %s | head -n %d; read end"
                  .formatted("0123456789".repeat(FLOOD_LINE / 10), FLOOD_LINES));
      long shim = parent(pod.pid(container));
      List<StreamClient> clients = new ArrayList<>();
      try {
        for (int i = 0; i < 4; i++) {
          clients.add(StreamClient.deaf(url(pod, streams(container).setStdin(false))));
        }
        try (StreamClient live = attach(pod, container)) {
          live.stdin("go\n");
          Path log = pod.logFile(container);
          Await.until(
              () -> "the log is not complete: " + lines(log), () -> lines(log) == FLOOD_LINES);
          assertTrue(memoryKib(shim) < SHIM_KIB, "shim: " + memoryKib(shim) + " KiB");
          live.stdin("end\n");
          String status = live.awaitEnd();
          int all = FLOOD_LINES * (FLOOD_LINE + 1);
          assertEquals(
              live.stdoutLength() == all, status.equals(SUCCESS), live.stdoutLength() + status);
        }
        assertEquals(0, pod.awaitExit(container).getExitCode());
        for (StreamClient late : clients) {
          late.read();
          String status = late.awaitEnd();
          assertTrue(status.contains("its log has"), status);
          assertTrue(late.stdoutLength() > FLOOD_LINE, "the first bytes are there");
        }
      } finally {
        clients.forEach(StreamClient::close);
      }
    }
  }

  private static long lines(Path log) {
    try (Stream<String> lines = Files.lines(log)) {
      return lines.count();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static long parent(int pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[1]);
  }

  private static long memoryKib(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void attach_worksAgainWhenTheDaemonWasKilled() {
    Node first = Node.start(List.of("--pod-cidr=10.84.0.0/24"), true);
    Pod pod = Pod.run(first);
    String container = pod.start("c", STDIN, ECHO);
    int pid = pod.pid(container);
    try (StreamClient client = attach(pod, container)) {
      client.stdin("one\n");
      client.awaitStdout("out one\n");
      try (Node second = first.restart(true, () -> client.awaitEnd())) {
        Pod again = pod.on(second);
        try (StreamClient next = attach(again, container)) {
          next.stdin("two\n");
          next.awaitStdout("out two\n");
          assertEquals("out two\n", next.stdout());
        }
        assertEquals(pid, again.pid(container));
      }
    }
  }

  @Test
  void crictl_attachesExecsAndHasATerminal(@TempDir Path folder) throws IOException {
    Path config = folder.resolve("crictl.yaml");
    Files.writeString(
        config, "runtime-endpoint: unix://" + node.folder().resolve("onggi.sock") + "\n");
    String crictl = Programs.tool("crictl") + " --config " + config;
    try (Pod pod = Pod.run(node)) {
      String container = pod.start("c", STDIN, ECHO);
      assertEquals("hello\n", shell("echo hello | " + crictl + " exec -i " + container + " cat"));
      String said =
          shell("script -qec '" + crictl + " exec -it " + container + " tty' /dev/null </dev/null");
      assertTrue(said.contains("/dev/pts/"), said);
      for (String transport : List.of("spdy", "websocket")) {
        String each = pod.start(transport, STDIN.andThen(c -> c.setStdinOnce(true)), ECHO);
        String attach = crictl + " attach -i --transport " + transport + " " + each;
        String heard = shell("echo hello | " + attach);
        for (String part : List.of("out hello\n", "err hello\n", "end of file\n")) {
          assertTrue(heard.contains(part), heard);
        }
      }
    }
  }

  private static String shell(String script) {
    Programs.Result result = Programs.run(List.of("sh", "-c", script));
    assertEquals(0, result.status(), result.output());
    return result.output();
  }
}
