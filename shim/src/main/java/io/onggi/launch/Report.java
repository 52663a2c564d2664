package io.onggi.launch;

import io.onggi.linux.Pipe;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The shim's one word on a start, as bytes say it. */
sealed interface Report {
  long NANOS = 1_000_000_000L;

  record Success(int pid, long startTime, Instant startedAt, List<Started.Timing> timeline)
      implements Report {}

  record Failure(LaunchFailure failure) implements Report {}

  /** A probe did all its steps. */
  record Probed() implements Report {}

  /**
   * Reads the one report that a pipe brings.
   *
   * @param deadline of {@link Pipe#deadline}
   * @throws WireException when it is no report, or the shim ended without one
   * @throws io.onggi.linux.LinuxException ETIMEDOUT after the deadline
   */
  static Report read(Pipe pipe, long deadline) {
    Frame.Header header = Frame.header(readFully(pipe, Frame.HEADER, deadline));
    return parse(new Frame(header.type(), readFully(pipe, header.length(), deadline)));
  }

  private static byte[] readFully(Pipe pipe, int length, long deadline) {
    byte[] into = new byte[length];
    int have = 0;
    while (have < length) {
      int count = pipe.read(into, have, deadline);
      if (count == 0) {
        throw new WireException("the shim ended without a report");
      }
      have += count;
    }
    return into;
  }

  /**
   * @throws WireException when the frame is no report
   */
  static Report parse(Frame frame) {
    WireReader in = frame.reader();
    Report report =
        switch (frame.type()) {
          case Frame.STARTED -> success(in);
          case Frame.FAILED -> new Failure(failure(in));
          case Frame.PROBED -> new Probed();
          default -> throw new WireException("report of type 0x%x".formatted(frame.type()));
        };
    in.end();
    return report;
  }

  private static Success success(WireReader in) {
    int pid = in.size();
    long startTime = in.u64();
    long nanos = in.u64();
    int count = in.count(8);
    List<Started.Timing> timeline = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      timeline.add(new Started.Timing(in.size(), in.size()));
    }
    return new Success(
        pid, startTime, Instant.ofEpochSecond(nanos / NANOS, nanos % NANOS), timeline);
  }

  static LaunchFailure failure(WireReader in) {
    return new LaunchFailure(in.i32(), in.size(), in.str(), in.str(), in.str());
  }
}
