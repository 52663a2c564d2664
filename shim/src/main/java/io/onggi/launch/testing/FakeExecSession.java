package io.onggi.launch.testing;

import io.onggi.launch.ExecEvent;
import io.onggi.launch.ExecResult;
import io.onggi.launch.ExecSession;
import io.onggi.launch.ShimException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/** Replays a result as events: stdout, stderr, end. */
final class FakeExecSession implements ExecSession {
  private final int pid;
  private final Queue<ExecEvent> events;

  FakeExecSession(int pid, ExecResult result) {
    this.pid = pid;
    this.events =
        new ArrayDeque<>(
            List.of(
                new ExecEvent.Stdout(ByteBuffer.wrap(result.stdout())),
                new ExecEvent.Stderr(ByteBuffer.wrap(result.stderr())),
                new ExecEvent.Exited(
                    result.exitCode(),
                    result.timedOut(),
                    result.stdoutTruncated(),
                    result.stderrTruncated())));
  }

  @Override
  public int pid() {
    return pid;
  }

  @Override
  public ExecEvent next() {
    ExecEvent event = events.poll();
    if (event == null) {
      throw new ShimException.Gone("the exec has ended", null);
    }
    return event;
  }

  @Override
  public void stdin(ByteBuffer bytes) {
    bytes.position(bytes.limit());
  }

  @Override
  public void closeStdin() {}

  @Override
  public void resize(int rows, int cols) {}

  @Override
  public void close() {
    events.clear();
  }
}
