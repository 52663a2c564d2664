package io.onggi.launch;

import io.onggi.linux.ChildReaper;
import io.onggi.linux.Errno;
import io.onggi.linux.KernelConstants;
import io.onggi.linux.LinuxException;
import io.onggi.linux.Pipe;
import io.onggi.linux.Processes;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Starts real shims. This process is their parent: {@link ChildReaper} reaps the ones that started,
 * a start that fails reaps its own.
 */
public final class NativeShimLauncher implements ShimLauncher {
  private static final Logger LOG = System.getLogger(NativeShimLauncher.class.getName());

  private final ShimBinary binary;
  private final ChildReaper reaper;
  private final ExecutorService platform;
  private final Failpoints failpoints;

  /**
   * @param platform platform threads: a native call pins a virtual thread's carrier
   */
  public NativeShimLauncher(
      ShimBinary binary, ChildReaper reaper, ExecutorService platform, Failpoints failpoints) {
    this.binary = binary;
    this.reaper = reaper;
    this.platform = platform;
    this.failpoints = failpoints;
  }

  @Override
  public Started start(LaunchRequest request) {
    Future<Started> running = platform.submit(() -> startHere(request));
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return running.get();
        } catch (InterruptedException _) {
          // The start is bounded by its timeout; giving up here would leave a shim nobody knows.
          interrupted = true;
        } catch (ExecutionException e) {
          throw rethrown(request, e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static LaunchException rethrown(LaunchRequest request, ExecutionException e) {
    return switch (e.getCause()) {
      case LaunchException failed -> failed;
      case Error error -> throw error;
      case LinuxException failed ->
          new LaunchException(request.subject(), outside(failed.errno(), ""), failed);
      case null -> throw new IllegalStateException("a start failed without a cause", e);
      case Throwable other ->
          new LaunchException(
              request.subject(), outside(0, String.valueOf(other.getMessage())), other);
    };
  }

  private static LaunchFailure outside(int errno, String detail) {
    return new LaunchFailure(LaunchFailure.OUTSIDE, errno, "start shim", "", detail);
  }

  private Started startHere(LaunchRequest request) {
    failpoints.hit("launch.plan-file");
    PlanFile.write(request.planFile(), request.plan());
    failpoints.hit("launch.spawn");
    try (Pipe pipe = Pipe.open()) {
      long deadline = Pipe.deadline(request.timeout());
      int shimPid = binary.spawn(request.planFile(), pipe.writeEnd());
      pipe.closeWriteEnd();
      Report report;
      try {
        report = Report.read(pipe, deadline);
      } catch (LinuxException | WireException e) {
        throw unreported(request, shimPid, e);
      }
      return switch (report) {
        case Report.Success started -> {
          adopt(shimPid);
          yield new Started(
              started.pid(), started.startTime(), shimPid, started.startedAt(), started.timeline());
        }
        case Report.Probed _ -> throw new IllegalStateException("a start is told as a probe");
        case Report.Failure failed -> {
          Processes.await(shimPid);
          throw new LaunchException(request.subject(), request.plan().entries(), failed.failure());
        }
      };
    }
  }

  private void adopt(int shimPid) {
    try {
      reaper.adopt(shimPid);
    } catch (LinuxException e) {
      // The container runs; a zombie of its shim until the daemon ends is all that this costs.
      LOG.log(Level.WARNING, "shim " + shimPid + " will not be reaped, ignoring", e);
    }
  }

  /** The shim did not say how it went: it is ended, and its end is what there is to tell. */
  private static LaunchException unreported(
      LaunchRequest request, int shimPid, RuntimeException e) {
    boolean late = e instanceof LinuxException failed && failed.is(Errno.ETIMEDOUT);
    Processes.startTime(shimPid)
        .ifPresent(begun -> Processes.kill(shimPid, begun, KernelConstants.SIGKILL));
    Processes.Ended ended = Processes.await(shimPid);
    String detail =
        late
            ? "no report within " + seconds(request.timeout()) + "; the shim was killed"
            : "%s; the shim left with code %d".formatted(e.getMessage(), ended.code());
    return new LaunchException(request.subject(), outside(late ? Errno.ETIMEDOUT : 0, detail), e);
  }

  private static String seconds(Duration timeout) {
    return timeout.toMillis() / 1000.0 + " s";
  }
}
