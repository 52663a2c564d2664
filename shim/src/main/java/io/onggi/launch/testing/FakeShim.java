package io.onggi.launch.testing;

import io.onggi.launch.AttachEvent;
import io.onggi.launch.AttachOptions;
import io.onggi.launch.DirectExec;
import io.onggi.launch.ExecOptions;
import io.onggi.launch.ExecResult;
import io.onggi.launch.ExecSession;
import io.onggi.launch.ExitRecord;
import io.onggi.launch.LaunchPlan;
import io.onggi.launch.LaunchRequest;
import io.onggi.launch.LaunchStep;
import io.onggi.launch.Opcode;
import io.onggi.launch.Setting;
import io.onggi.launch.Shim;
import io.onggi.launch.ShimException;
import io.onggi.launch.ShimStatus;
import io.onggi.launch.Started;
import io.onggi.linux.KernelConstants;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;

/**
 * A container in memory: runs until {@link #exit} or a deadly signal, writes its exit record where
 * the plan says, then is gone as a real shim is.
 */
public final class FakeShim implements Shim {
  /** A signal that a container got. */
  public record Sent(int signal, Scope scope) {}

  private final InstantSource clock;
  private final String subject;
  private final Started started;
  private final Optional<Path> recordFile;
  private final List<Sent> signals = new ArrayList<>();
  private final List<LaunchPlan> execs = new ArrayList<>();
  private final Set<Integer> ignored = new HashSet<>();
  private final List<FakeAttachSession> attached = new ArrayList<>();
  private final boolean stdinOpen;
  private int asked;
  private BiFunction<LaunchPlan, ExecOptions, ExecResult> program =
      (_, _) -> new ExecResult(0, new byte[0], new byte[0], false, false, false);
  private Optional<ExitRecord> ended = Optional.empty();
  private boolean lost;
  private int reopened;
  private int watchers;

  FakeShim(InstantSource clock, LaunchRequest request, Started started) {
    this.clock = clock;
    this.subject = request.subject();
    this.started = started;
    this.recordFile =
        request.plan().settings().stream()
            .filter(Setting.ExitRecordFile.class::isInstance)
            .map(s -> Path.of(((Setting.ExitRecordFile) s).path()))
            .findFirst();
    this.stdinOpen =
        request.plan().settings().stream()
            .anyMatch(s -> s instanceof Setting.Stdio stdio && stdio.openStdin());
  }

  private FakeShim(InstantSource clock, String subject) {
    this.clock = clock;
    this.subject = subject;
    this.started = new Started(1, 1, 1, Instant.EPOCH, List.of());
    this.recordFile = Optional.empty();
    this.stdinOpen = false;
    this.lost = true;
  }

  static FakeShim gone(InstantSource clock, String subject) {
    return new FakeShim(clock, subject);
  }

  static String stepName(LaunchStep step) {
    return Opcode.of(step).name();
  }

  /** The process traps {@code signal} and goes on. */
  public synchronized void ignore(int signal) {
    ignored.add(signal);
  }

  /** What an exec in this container does. */
  public synchronized void onExec(BiFunction<LaunchPlan, ExecOptions, ExecResult> program) {
    this.program = program;
  }

  /** The process leaves by itself. */
  public void exit(int code) {
    end(code, 0, 0);
  }

  /** The kernel kills the process for memory. */
  public void oomKill() {
    end(128 + KernelConstants.SIGKILL, KernelConstants.SIGKILL, 1);
  }

  /** The shim dies without a record, as no shim should. */
  public synchronized void vanish() {
    lost = true;
    notifyAll();
  }

  private synchronized void end(int code, int signal, int oomKills) {
    if (ended.isPresent()) {
      return;
    }
    ExitRecord exit =
        new ExitRecord(
            started.pid(),
            started.startTime(),
            started.startedAt(),
            clock.instant(),
            code,
            signal,
            oomKills,
            0,
            0,
            0);
    recordFile.ifPresent(file -> write(file, exit.text()));
    ended = Optional.of(exit);
    attached.forEach(session -> session.tell(new AttachEvent.Ended(code)));
    notifyAll();
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException("writing exit record " + file, e);
    }
  }

  public synchronized List<Sent> signals() {
    return List.copyOf(signals);
  }

  public synchronized List<LaunchPlan> execs() {
    return List.copyOf(execs);
  }

  public synchronized int timesReopened() {
    return reopened;
  }

  @Override
  public synchronized ShimStatus status() {
    alive();
    return new ShimStatus(started.pid(), started.startTime(), true, 0, 0, 0);
  }

  @Override
  public synchronized void kill(int signal, Scope scope) {
    alive();
    signals.add(new Sent(signal, scope));
    if (signal == KernelConstants.SIGKILL || !ignored.contains(signal)) {
      end(128 + signal, signal, 0);
    }
  }

  @Override
  public synchronized void reopenLog() {
    alive();
    reopened++;
  }

  @Override
  public synchronized void resize(int rows, int cols) {
    alive();
  }

  @Override
  public synchronized ExitRecord awaitExit() {
    if (ended.isPresent()) {
      throw goneNow();
    }
    watchers++;
    notifyAll();
    waitUntil(() -> ended.isPresent() || lost);
    return ended.orElseThrow(this::goneNow);
  }

  /** Blocks until somebody watches for the end. */
  public synchronized void awaitWatcher() {
    waitUntil(() -> watchers > 0);
  }

  private synchronized void waitUntil(BooleanSupplier done) {
    while (!done.getAsBoolean()) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ShimException.Gone("interrupted while waiting for " + subject, e);
      }
    }
  }

  @Override
  public ExecSession openExec(LaunchPlan plan, ExecOptions options) {
    BiFunction<LaunchPlan, ExecOptions, ExecResult> run;
    synchronized (this) {
      alive();
      execs.add(plan);
      run = program;
    }
    return new FakeExecSession(started.pid() + 1000, run.apply(plan, options));
  }

  /** It has a stdin if the plan's settings open one, and hears of the container's end. */
  @Override
  public synchronized FakeAttachSession openAttach(AttachOptions options) {
    alive();
    FakeAttachSession session =
        new FakeAttachSession(started.pid(), options, options.stdin() && stdinOpen);
    attached.add(session);
    notifyAll();
    return session;
  }

  /** The next client that attaches, or has attached and was not asked for yet; blocks. */
  public synchronized FakeAttachSession awaitAttached() {
    waitUntil(() -> attached.size() > asked);
    return attached.get(asked++);
  }

  @Override
  public DirectExec openDirect(LaunchPlan plan, ExecOptions options) {
    BiFunction<LaunchPlan, ExecOptions, ExecResult> run;
    synchronized (this) {
      alive();
      execs.add(plan);
      run = program;
    }
    return FakeDirectExecs.ended(started.pid() + 1000, run.apply(plan, options));
  }

  private void alive() {
    if (lost || ended.isPresent()) {
      throw goneNow();
    }
  }

  private ShimException.Gone goneNow() {
    return new ShimException.Gone("the shim of " + subject + " is gone", null);
  }
}
