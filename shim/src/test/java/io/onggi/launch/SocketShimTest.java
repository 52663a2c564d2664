package io.onggi.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.linux.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SocketShimTest {
  private static final Frame OK = new Frame(Frame.OK, Frame.EMPTY);

  @TempDir Path dir;
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

  @AfterEach
  void stopTimer() {
    timer.shutdownNow();
  }

  private static Frame frame(int type, Consumer<WireWriter> payload) {
    WireWriter out = new WireWriter();
    payload.accept(out);
    return new Frame(type, out.toByteArray());
  }

  private Shim shim(Path socket, Duration limit) {
    return new SocketShims(timer, limit).connect("container c1", socket);
  }

  /** Runs {@code test} against a shim that answers by {@code script}; returns what it heard. */
  private List<Frame> with(Function<Frame, List<Frame>> script, Consumer<Shim> test)
      throws IOException {
    Path socket = dir.resolve("s");
    try (ScriptedShim server = new ScriptedShim(socket, script)) {
      test.accept(shim(socket, Duration.ofSeconds(10)));
      return server.heard();
    } finally {
      Files.deleteIfExists(socket);
    }
  }

  @Test
  void aStatusIsReadFieldByField() throws IOException {
    Frame status =
        frame(
            Frame.STATUS,
            out -> {
              out.u32(42);
              out.u64(123456789012L);
              out.u32(1);
              out.u64(3);
              out.u64(400);
              out.u32(2);
            });
    with(
        _ -> List.of(status),
        shim -> assertEquals(new ShimStatus(42, 123456789012L, true, 3, 400, 2), shim.status()));
  }

  @Test
  void commandsAreTheProtocolsBytes() throws IOException {
    List<Frame> heard =
        with(
            _ -> List.of(OK),
            shim -> {
              shim.kill(15, Shim.Scope.FIRST_PROCESS);
              shim.kill(9, Shim.Scope.WHOLE_CONTAINER);
              shim.reopenLog();
            });
    assertEquals(
        List.of(
            new Frame(0x11, new byte[] {15, 0, 0, 0, 0, 0, 0, 0}),
            new Frame(0x11, new byte[] {9, 0, 0, 0, 1, 0, 0, 0}),
            new Frame(0x12, new byte[0])),
        heard);
  }

  @Test
  void anErrorNamesTheCommandTheContainerAndTheReason() throws IOException {
    Frame error =
        frame(
            Frame.ERROR,
            out -> {
              out.u32(Errno.ENOENT);
              out.str("open /var/log/0.log");
            });
    with(
        _ -> List.of(error),
        shim -> {
          ShimException.Refused e = assertThrows(ShimException.Refused.class, shim::reopenLog);
          assertEquals(
              "reopening the log of container c1: No such file or directory (ENOENT):"
                  + " open /var/log/0.log",
              e.getMessage());
        });
  }

  @Test
  void aWatcherGetsTheExitRecord() throws IOException {
    ExitRecord exit =
        new ExitRecord(7, 8, Instant.EPOCH, Instant.EPOCH.plusNanos(5), 3, 0, 0, 0, 0, 0);
    Frame exited = new Frame(Frame.EXITED, exit.text().getBytes(StandardCharsets.US_ASCII));
    with(_ -> List.of(OK, exited), shim -> assertEquals(exit, shim.awaitExit()));
  }

  @Test
  void anExecsOutputIsKeptByStreamUntilItsEnd() throws IOException {
    byte[] a = {'a'};
    byte[] b = {'b'};
    Frame end =
        frame(
            Frame.EXEC_EXITED,
            out -> {
              out.u32(137);
              out.u32(1 | 4);
            });
    List<Frame> answers =
        List.of(
            frame(Frame.EXEC_STARTED, out -> out.u32(99)),
            new Frame(Frame.STDOUT, a),
            new Frame(Frame.STDERR, b),
            new Frame(Frame.STDOUT, a),
            end);
    List<Frame> heard =
        with(
            _ -> answers,
            shim -> {
              ExecResult result =
                  shim.exec(SamplePlans.exec(), ExecOptions.sync(Duration.ofSeconds(2)));
              assertEquals("aa", new String(result.stdout(), StandardCharsets.UTF_8));
              assertEquals("b", new String(result.stderr(), StandardCharsets.UTF_8));
              assertEquals(137, result.exitCode());
              assertTrue(result.timedOut() && result.stderrTruncated());
              assertTrue(!result.stdoutTruncated());
            });
    WireReader asked = heard.getFirst().reader();
    assertEquals(4 | 8, asked.u32());
    assertEquals(2_000_000_000L, asked.u64());
    assertEquals(16L << 20, asked.u64());
    assertEquals(SamplePlans.exec(), PlanCodec.decode(asked.bytes()));
  }

  @Test
  void anExecThatCannotStartNamesTheStep() throws IOException {
    Frame failed =
        frame(
            Frame.FAILED,
            out -> {
              out.u32(1);
              out.u32(Errno.ENOENT);
              out.str("EXEC");
              out.str("/bin/nope");
              out.str("execve");
            });
    with(
        _ -> List.of(failed),
        shim -> {
          LaunchException e =
              assertThrows(
                  LaunchException.class,
                  () -> shim.exec(SamplePlans.exec(), ExecOptions.sync(Duration.ZERO)));
          assertEquals(
              "exec /bin/nope: No such file or directory (ENOENT)"
                  + " (step 2 of 2 of an exec in container c1)",
              e.getMessage());
        });
  }

  @Test
  void anAttachedClientHearsTheContainerAndWhyItEnds() throws IOException {
    Frame attached =
        frame(
            Frame.ATTACHED,
            out -> {
              out.u32(42);
              out.u32(2 | 4);
            });
    Frame dropped = frame(Frame.DROPPED, out -> out.u64(7));
    Frame detached =
        frame(
            Frame.ENDED,
            out -> {
              out.u32(0);
              out.u32(1);
            });
    List<Frame> heard =
        with(
            question ->
                question.type() == Frame.ATTACH
                    ? List.of(attached, new Frame(Frame.STDOUT, new byte[] {'a'}), dropped)
                    : question.payload().length == 0 ? List.of(detached) : List.of(),
            shim -> {
              try (AttachSession session = shim.openAttach(new AttachOptions(true, true, false))) {
                assertEquals(42, session.pid());
                assertTrue(session.hasStdin());
                assertEquals(
                    new AttachEvent.Stdout(ByteBuffer.wrap(new byte[] {'a'})), session.next());
                assertEquals(new AttachEvent.Dropped(7), session.next());
                session.stdin(ByteBuffer.wrap(new byte[] {'b'}));
                session.endStdin();
                session.endStdin();
                assertEquals(new AttachEvent.Detached(), session.next());
              }
            });
    assertEquals(
        List.of(
            new Frame(0x17, new byte[] {6, 0, 0, 0}),
            new Frame(0x15, new byte[] {'b'}),
            new Frame(0x15, new byte[0])),
        heard);
  }

  @Test
  void anAttachThatIsRefusedNamesTheContainerAndTheReason() throws IOException {
    Frame error =
        frame(
            Frame.ERROR,
            out -> {
              out.u32(Errno.ESRCH);
              out.str("ATTACH: the container is not running");
            });
    with(
        _ -> List.of(error),
        shim -> {
          ShimException.Refused e =
              assertThrows(
                  ShimException.Refused.class,
                  () -> shim.openAttach(new AttachOptions(false, true, true)));
          assertEquals(
              "attaching to container c1: No such process (ESRCH):"
                  + " ATTACH: the container is not running",
              e.getMessage());
        });
  }

  @Test
  void aShimThatIsNotThereIsGone() {
    Path socket = dir.resolve("none");
    ShimException.Gone e =
        assertThrows(ShimException.Gone.class, () -> shim(socket, Duration.ofSeconds(1)).status());
    assertEquals(
        "the shim of container c1 does not answer at " + socket + ": No such file or directory",
        e.getMessage());
  }

  @Test
  void aShimThatDoesNotAnswerIsGivenUp() throws IOException {
    Path socket = dir.resolve("s");
    try (ScriptedShim _ = new ScriptedShim(socket, _ -> List.of())) {
      ShimException.Gone e =
          assertThrows(
              ShimException.Gone.class, () -> shim(socket, Duration.ofMillis(20)).status());
      assertEquals("the shim of container c1 did not answer within 20 ms", e.getMessage());
    }
  }

  @Test
  void aFrameOfAnImpossibleLengthIsRefused() {
    assertThrows(
        WireException.class, () -> Frame.header(new byte[] {1, 0, 16, 0, 0x80 - 256, 0, 0, 0}));
    assertThrows(
        WireException.class, () -> Frame.header(new byte[] {1, 0, 0, 0, 0x80 - 256, 0, 1, 0}));
    assertEquals(
        new Frame.Header(0x80, 1 << 20),
        Frame.header(new byte[] {0, 0, 16, 0, 0x80 - 256, 0, 0, 0}));
  }
}
