package io.onggi.launch;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;

/** An attach over its own connection. */
final class SocketAttach implements AttachSession {
  private static final int STDIN = 2;
  private static final int STDOUT = 4;
  private static final int STDERR = 8;
  private static final int DETACHED = 1;

  private final ControlChannel channel;
  private final int pid;
  private final boolean hasStdin;
  private boolean stdinEnded;

  private SocketAttach(ControlChannel channel, int pid, boolean hasStdin) {
    this.channel = channel;
    this.pid = pid;
    this.hasStdin = hasStdin;
  }

  static SocketAttach open(
      ControlChannel channel,
      AttachOptions options,
      Duration answerLimit,
      ScheduledExecutorService timer) {
    Frame answer =
        channel.within(
            answerLimit,
            timer,
            () -> channel.ask("attaching to", request(options), Frame.ATTACHED));
    WireReader in = answer.reader();
    int pid = in.size();
    int flags = in.flags(STDIN | STDOUT | STDERR);
    in.end();
    return new SocketAttach(channel, pid, (flags & STDIN) != 0);
  }

  static Frame request(AttachOptions options) {
    WireWriter out = new WireWriter();
    out.u32(
        (options.stdin() ? STDIN : 0)
            | (options.stdout() ? STDOUT : 0)
            | (options.stderr() ? STDERR : 0));
    return new Frame(Frame.ATTACH, out.toByteArray());
  }

  @Override
  public int pid() {
    return pid;
  }

  @Override
  public boolean hasStdin() {
    return hasStdin;
  }

  @Override
  public AttachEvent next() {
    return event(channel.receive());
  }

  static AttachEvent event(Frame frame) {
    return switch (frame.type()) {
      case Frame.STDOUT -> new AttachEvent.Stdout(ByteBuffer.wrap(frame.payload()));
      case Frame.STDERR -> new AttachEvent.Stderr(ByteBuffer.wrap(frame.payload()));
      case Frame.DROPPED -> {
        WireReader in = frame.reader();
        long bytes = in.u64();
        in.end();
        yield new AttachEvent.Dropped(bytes);
      }
      case Frame.ENDED -> {
        WireReader in = frame.reader();
        int exitCode = in.size();
        boolean detached = in.flags(DETACHED) != 0;
        in.end();
        yield detached ? new AttachEvent.Detached() : new AttachEvent.Ended(exitCode);
      }
      default -> throw new WireException("attach: frame of type 0x%x".formatted(frame.type()));
    };
  }

  @Override
  public void stdin(ByteBuffer bytes) {
    channel.sendStdin(bytes);
  }

  @Override
  public synchronized void endStdin() {
    if (!stdinEnded) {
      stdinEnded = true;
      channel.send(new Frame(Frame.STDIN, Frame.EMPTY));
    }
  }

  @Override
  public void resize(int rows, int cols) {
    channel.send(SocketExec.resizeFrame(rows, cols));
  }

  @Override
  public void close() {
    channel.close();
  }
}
