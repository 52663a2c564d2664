package io.onggi.launch;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;

/** A live shim behind its socket: one connection a call, so that calls never wait for another. */
final class SocketShim implements Shim {
  private static final int KILL_WHOLE = 1;
  private static final int MAX_SIGNAL = 64;

  private final String subject;
  private final Path socket;
  private final ScheduledExecutorService timer;
  private final Duration answerLimit;

  SocketShim(String subject, Path socket, ScheduledExecutorService timer, Duration answerLimit) {
    this.subject = subject;
    this.socket = socket;
    this.timer = timer;
    this.answerLimit = answerLimit;
  }

  private Frame call(String what, Frame question, int wanted) {
    try (ControlChannel channel = ControlChannel.connect(subject, socket)) {
      return channel.within(answerLimit, timer, () -> channel.ask(what, question, wanted));
    }
  }

  @Override
  public ShimStatus status() {
    return status(call("status of", new Frame(Frame.GET_STATUS, Frame.EMPTY), Frame.STATUS));
  }

  static ShimStatus status(Frame frame) {
    WireReader in = frame.reader();
    ShimStatus status =
        new ShimStatus(in.size(), in.u64(), in.flag(), in.u64(), in.u64(), in.size());
    in.end();
    return status;
  }

  @Override
  public void kill(int signal, Scope scope) {
    call("signal " + signal + " to", killFrame(signal, scope), Frame.OK);
  }

  static Frame killFrame(int signal, Scope scope) {
    Check.range("signal", signal, 0, MAX_SIGNAL);
    WireWriter out = new WireWriter();
    out.u32(signal);
    out.u32(
        switch (scope) {
          case FIRST_PROCESS -> 0;
          case WHOLE_CONTAINER -> KILL_WHOLE;
        });
    return new Frame(Frame.KILL, out.toByteArray());
  }

  @Override
  public void reopenLog() {
    call("reopening the log of", new Frame(Frame.REOPEN_LOG, Frame.EMPTY), Frame.OK);
  }

  @Override
  public void resize(int rows, int cols) {
    try (ControlChannel channel = ControlChannel.connect(subject, socket)) {
      channel.send(SocketExec.resizeFrame(rows, cols));
    }
  }

  @Override
  public ExitRecord awaitExit() {
    try (ControlChannel channel = ControlChannel.connect(subject, socket)) {
      Frame watch = new Frame(Frame.WATCH, Frame.EMPTY);
      channel.within(answerLimit, timer, () -> channel.ask("watching", watch, Frame.OK));
      return exited(channel.receive());
    }
  }

  static ExitRecord exited(Frame frame) {
    if (frame.type() != Frame.EXITED) {
      throw new WireException("watching: frame of type 0x%x".formatted(frame.type()));
    }
    return ExitRecord.parse(new String(frame.payload(), StandardCharsets.ISO_8859_1));
  }

  @Override
  public ExecResult exec(LaunchPlan plan, ExecOptions options) {
    try (SocketExec session = openExec(plan, options)) {
      // The shim ends the exec at its timeout; the alarm is for a shim that hangs itself.
      return options.timeout().isZero()
          ? session.collect()
          : session.collectWithin(options.timeout().plus(answerLimit), timer);
    }
  }

  @Override
  public SocketExec openExec(LaunchPlan plan, ExecOptions options) {
    if (!plan.settings().isEmpty()) {
      throw new IllegalArgumentException("the plan of an exec has settings");
    }
    return openSession(channel -> SocketExec.open(channel, plan, options, answerLimit, timer));
  }

  @Override
  public SocketAttach openAttach(AttachOptions options) {
    return openSession(channel -> SocketAttach.open(channel, options, answerLimit, timer));
  }

  /** A connection that {@code opener}'s session owns, unless it throws. */
  private <T> T openSession(Function<ControlChannel, T> opener) {
    ControlChannel channel = ControlChannel.connect(subject, socket);
    try {
      return opener.apply(channel);
    } catch (RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public DirectExec openDirect(LaunchPlan plan, ExecOptions options) {
    return DirectExecs.open(subject, socket, plan, options, answerLimit);
  }
}
