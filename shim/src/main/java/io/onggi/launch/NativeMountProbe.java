package io.onggi.launch;

import io.onggi.linux.ChildReaper;
import io.onggi.linux.Errno;
import io.onggi.linux.KernelConstants;
import io.onggi.linux.LinuxException;
import io.onggi.linux.Pipe;
import io.onggi.linux.Processes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;

/** Probes by {@code onggi-shim probe}. */
public final class NativeMountProbe implements MountProbe {
  private final ShimBinary binary;
  private final ChildReaper reaper;
  private final ExecutorService platform;

  /**
   * @param platform platform threads: a native call pins a virtual thread's carrier
   */
  public NativeMountProbe(ShimBinary binary, ChildReaper reaper, ExecutorService platform) {
    this.binary = binary;
    this.reaper = reaper;
    this.platform = platform;
  }

  @Override
  public void probe(LaunchRequest request) {
    try {
      // The wait is bounded by the request's timeout, so no interrupt needs to end it.
      CompletableFuture.runAsync(() -> probeHere(request), platform).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof LaunchException failed) {
        throw failed;
      }
      int errno = e.getCause() instanceof LinuxException failed ? failed.errno() : 0;
      throw new LaunchException(
          request.subject(),
          new LaunchFailure(
              LaunchFailure.OUTSIDE, errno, "probe", "", String.valueOf(e.getCause())),
          e);
    }
  }

  private void probeHere(LaunchRequest request) {
    PlanFile.write(request.planFile(), request.plan());
    try (Pipe pipe = Pipe.open()) {
      long deadline = Pipe.deadline(request.timeout());
      int pid = binary.spawnProbe(request.planFile(), pipe.writeEnd());
      pipe.closeWriteEnd();
      try {
        Report report = Report.read(pipe, deadline);
        if (report instanceof Report.Failure failed) {
          throw new LaunchException(request.subject(), request.plan().entries(), failed.failure());
        }
      } catch (LinuxException e) {
        Processes.startTime(pid)
            .ifPresent(begun -> Processes.kill(pid, begun, KernelConstants.SIGKILL));
        throw late(request, e);
      } finally {
        // Not waited for: what hangs in a dead file system may outlive even SIGKILL.
        reaper.adopt(pid);
      }
    } finally {
      forget(request);
    }
  }

  private static LaunchException late(LaunchRequest request, LinuxException e) {
    String detail = "no answer within " + request.timeout().toMillis() / 1000.0 + " s";
    LaunchFailure failure =
        new LaunchFailure(LaunchFailure.OUTSIDE, Errno.ETIMEDOUT, "probe", "", detail);
    return new LaunchException(request.subject(), failure, e);
  }

  private static void forget(LaunchRequest request) {
    try {
      Files.deleteIfExists(request.planFile());
    } catch (IOException e) {
      throw new UncheckedIOException("deleting plan " + request.planFile(), e);
    }
  }
}
