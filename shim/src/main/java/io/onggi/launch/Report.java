package io.onggi.launch;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The shim's one word on a start, as bytes say it. */
sealed interface Report {
  long NANOS = 1_000_000_000L;

  record Success(int pid, long startTime, Instant startedAt, List<Started.Timing> timeline)
      implements Report {}

  record Failure(LaunchFailure failure) implements Report {}

  /**
   * @throws WireException when the frame is no report
   */
  static Report parse(Frame frame) {
    WireReader in = frame.reader();
    Report report =
        switch (frame.type()) {
          case Frame.STARTED -> success(in);
          case Frame.FAILED -> new Failure(failure(in));
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
