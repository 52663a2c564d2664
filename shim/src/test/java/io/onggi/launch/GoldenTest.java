package io.onggi.launch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The files that hold both languages to one protocol; the C side tests the same ones. */
class GoldenTest {
  private static final Path GOLDEN = Path.of("src/test/golden");

  private static List<Path> files(String ending) throws IOException {
    try (Stream<Path> all = Files.list(GOLDEN)) {
      List<Path> found = all.filter(f -> f.toString().endsWith(ending)).sorted().toList();
      assertFalse(found.isEmpty(), "no golden files " + ending);
      return found;
    }
  }

  private static List<Frame> frames(int type) throws IOException {
    ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(GOLDEN.resolve("frames.bin")));
    List<Frame> found = new ArrayList<>();
    while (all.hasRemaining()) {
      byte[] head = new byte[Frame.HEADER];
      all.get(head);
      Frame.Header header = Frame.header(head);
      byte[] payload = new byte[header.length()];
      all.get(payload);
      Frame frame = new Frame(header.type(), payload);
      assertArrayEquals(head, frame.encodedHeader());
      if (frame.type() == type) {
        found.add(frame);
      }
    }
    assertFalse(found.isEmpty(), "no golden frame of type 0x%x".formatted(type));
    return found;
  }

  private static Frame frame(int type) throws IOException {
    return frames(type).getFirst();
  }

  @Test
  void aPlanIsReadAsItsTextSaysAndWrittenBackByteForByte() throws IOException {
    for (Path file : files(".plan")) {
      byte[] bytes = Files.readAllBytes(file);
      LaunchPlan plan = PlanCodec.decode(bytes);
      Path text = Path.of(file.toString().replace(".plan", ".txt"));
      assertEquals(Files.readString(text), GoldenText.of(plan), file.toString());
      assertArrayEquals(bytes, PlanCodec.encode(plan), file.toString());
    }
  }

  @Test
  void exitRecordsAreReadAndATornOneIsNone() throws IOException {
    for (Path file : files(".exit")) {
      if (file.toString().contains("torn")) {
        assertThrows(WireException.class, () -> ExitRecord.read(file), file.toString());
      } else {
        assertEquals(
            Files.readString(file), ExitRecord.read(file).orElseThrow().text(), file.toString());
      }
    }
  }

  @Test
  void reportsAreReadFieldByField() throws IOException {
    assertEquals(
        new Report.Success(
            4711,
            123456,
            Instant.ofEpochSecond(1_700_000_000),
            List.of(new Started.Timing(0, 0), new Started.Timing(250, 31))),
        Report.parse(frame(Frame.STARTED)));
    assertEquals(new Report.Probed(), Report.parse(frame(Frame.PROBED)));
    List<Frame> failures = frames(Frame.FAILED);
    assertEquals(
        new Report.Failure(new LaunchFailure(7, Errno.ENOENT, "EXEC", "/bin/nope", "execve")),
        Report.parse(failures.get(0)));
    assertEquals(
        new Report.Failure(
            new LaunchFailure(LaunchFailure.OUTSIDE, 71, "plan", "/run/p", "decode: not a plan")),
        Report.parse(failures.get(1)));
  }

  @Test
  void whatTheShimSendsIsReadFieldByField() throws IOException {
    assertEquals(
        new ShimStatus(4711, 123456, true, 5, 600, 2), SocketShim.status(frame(Frame.STATUS)));
    assertEquals(
        new ExecEvent.Exited(137, true, false, false), SocketExec.event(frame(Frame.EXEC_EXITED)));
    assertEquals(
        new ExecEvent.Stdout(ByteBuffer.wrap("out\n".getBytes(StandardCharsets.UTF_8))),
        SocketExec.event(frame(Frame.STDOUT)));
    assertEquals(
        new AttachEvent.Stderr(ByteBuffer.wrap(new byte[] {(byte) 0xff})),
        SocketAttach.event(frame(Frame.STDERR)));
    assertEquals(new AttachEvent.Dropped(1L << 33), SocketAttach.event(frame(Frame.DROPPED)));
    assertEquals(new AttachEvent.Ended(137), SocketAttach.event(frame(Frame.ENDED)));
    ExitRecord exited = SocketShim.exited(frame(Frame.EXITED));
    assertEquals(4711, exited.pid());
  }

  @Test
  void whatWeSendIsWhatTheFileHolds() throws IOException {
    assertEquals(frame(Frame.KILL), SocketShim.killFrame(15, Shim.Scope.FIRST_PROCESS));
    assertEquals(frame(Frame.RESIZE), SocketExec.resizeFrame(50, 132));
    assertEquals(frame(Frame.ATTACH), SocketAttach.request(new AttachOptions(true, true, true)));
    assertEquals(
        frame(Frame.EXEC),
        SocketExec.request(
            LaunchPlan.ofSteps(
                List.of(new LaunchStep.Exec(false, "/bin/true", List.of("true"), List.of()))),
            ExecOptions.sync(Duration.ofSeconds(2))));
    for (int type : new int[] {Frame.GET_STATUS, Frame.WATCH, Frame.REOPEN_LOG, Frame.OK}) {
      assertTrue(frame(type).payload().length == 0);
    }
  }
}
