package io.onggi.launch;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;

/** An exec over its own connection; closing the connection makes the shim kill it. */
final class SocketExec implements ExecSession {
  private static final int TIMED_OUT = 1;
  private static final int STDOUT_CUT = 2;
  private static final int STDERR_CUT = 4;

  private final ControlChannel channel;
  private final int pid;
  private boolean stdinClosed;

  private SocketExec(ControlChannel channel, int pid) {
    this.channel = channel;
    this.pid = pid;
  }

  static SocketExec open(
      ControlChannel channel,
      LaunchPlan plan,
      ExecOptions options,
      Duration answerLimit,
      ScheduledExecutorService timer) {
    Frame request = request(plan, options);
    Frame answer =
        channel.within(
            answerLimit,
            timer,
            () -> {
              channel.send(request);
              return channel.receive();
            });
    return switch (answer.type()) {
      case Frame.EXEC_STARTED -> {
        WireReader in = answer.reader();
        int pid = in.size();
        in.end();
        yield new SocketExec(channel, pid);
      }
      case Frame.FAILED -> {
        WireReader in = answer.reader();
        LaunchFailure failure = Report.failure(in);
        in.end();
        throw new LaunchException("an exec in " + channel.subject(), plan.entries(), failure);
      }
      case Frame.ERROR -> throw channel.refused("exec in", answer);
      default -> throw new WireException("exec: answer of type 0x%x".formatted(answer.type()));
    };
  }

  static Frame request(LaunchPlan plan, ExecOptions options) {
    return request(plan, options, 0);
  }

  /**
   * @param more flags of the frame
   */
  static Frame request(LaunchPlan plan, ExecOptions options, int more) {
    WireWriter out = new WireWriter();
    out.u32(
        (options.terminal() ? 1 : 0)
            | (options.stdin() ? 2 : 0)
            | (options.stdout() ? 4 : 0)
            | (options.stderr() ? 8 : 0)
            | more);
    out.u64(options.timeout().toNanos());
    out.u64(options.limitBytes());
    out.bytes(PlanCodec.encode(plan));
    return new Frame(Frame.EXEC, out.toByteArray());
  }

  static Frame resizeFrame(int rows, int cols) {
    Check.range("terminal rows", rows, 0, 65535);
    Check.range("terminal columns", cols, 0, 65535);
    WireWriter out = new WireWriter();
    out.u32(rows);
    out.u32(cols);
    return new Frame(Frame.RESIZE, out.toByteArray());
  }

  @Override
  public int pid() {
    return pid;
  }

  @Override
  public ExecEvent next() {
    return event(channel.receive());
  }

  static ExecEvent event(Frame frame) {
    return switch (frame.type()) {
      case Frame.STDOUT -> new ExecEvent.Stdout(ByteBuffer.wrap(frame.payload()));
      case Frame.STDERR -> new ExecEvent.Stderr(ByteBuffer.wrap(frame.payload()));
      case Frame.EXEC_EXITED -> exited(frame.reader());
      default -> throw new WireException("exec: frame of type 0x%x".formatted(frame.type()));
    };
  }

  private static ExecEvent exited(WireReader in) {
    int code = in.size();
    int flags = in.flags(TIMED_OUT | STDOUT_CUT | STDERR_CUT);
    in.end();
    return new ExecEvent.Exited(
        code, (flags & TIMED_OUT) != 0, (flags & STDOUT_CUT) != 0, (flags & STDERR_CUT) != 0);
  }

  ExecResult collectWithin(Duration limit, ScheduledExecutorService timer) {
    return channel.within(limit, timer, this::collect);
  }

  @Override
  public void stdin(ByteBuffer bytes) {
    channel.sendStdin(bytes);
  }

  @Override
  public synchronized void closeStdin() {
    if (!stdinClosed) {
      stdinClosed = true;
      channel.send(new Frame(Frame.STDIN, Frame.EMPTY));
    }
  }

  @Override
  public void resize(int rows, int cols) {
    channel.send(resizeFrame(rows, cols));
  }

  @Override
  public void close() {
    channel.close();
  }
}
