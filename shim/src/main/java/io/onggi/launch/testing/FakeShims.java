package io.onggi.launch.testing;

import io.onggi.launch.LaunchException;
import io.onggi.launch.LaunchFailure;
import io.onggi.launch.LaunchRequest;
import io.onggi.launch.LaunchStep;
import io.onggi.launch.Setting;
import io.onggi.launch.Shim;
import io.onggi.launch.ShimConnector;
import io.onggi.launch.ShimLauncher;
import io.onggi.launch.Started;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A machine full of shims that exist in memory only. Starting makes a {@link FakeShim} behind the
 * plan's socket path; a new {@code FakeShims} user (a daemon after a restart) finds it there again.
 */
public final class FakeShims implements ShimLauncher, ShimConnector {
  private static final int FIRST_PID = 100;

  private final InstantSource clock;
  private final Map<Path, FakeShim> bySocket = new HashMap<>();
  private final List<LaunchRequest> requests = new ArrayList<>();
  private Predicate<LaunchStep> failing = _ -> false;
  private int failingErrno;
  private int nextPid = FIRST_PID;

  public FakeShims(InstantSource clock) {
    this.clock = clock;
  }

  /** From now on a start whose plan has a matching step fails in it; {@code _ -> false} ends it. */
  public synchronized void failAt(Predicate<LaunchStep> step, int errno) {
    failing = step;
    failingErrno = errno;
  }

  @Override
  public synchronized Started start(LaunchRequest request) {
    requests.add(request);
    List<LaunchStep> steps = request.plan().steps();
    for (int i = 0; i < steps.size(); i++) {
      if (failing.test(steps.get(i))) {
        throw failure(request, i);
      }
    }
    int pid = nextPid;
    nextPid += 2;
    Started started = new Started(pid, pid * 10L, pid + 1, clock.instant(), List.of());
    FakeShim shim = new FakeShim(clock, request, started);
    for (Setting setting : request.plan().settings()) {
      if (setting instanceof Setting.Socket socket) {
        bySocket.put(Path.of(socket.path()), shim);
      }
    }
    return started;
  }

  private LaunchException failure(LaunchRequest request, int step) {
    LaunchStep failed = request.plan().steps().get(step);
    String object = failed instanceof LaunchStep.Exec exec ? exec.file() : "";
    return new LaunchException(
        request.subject(),
        request.plan().entries(),
        new LaunchFailure(
            request.plan().settings().size() + step,
            failingErrno,
            FakeShim.stepName(failed),
            object,
            ""));
  }

  @Override
  public synchronized Shim connect(String subject, Path socket) {
    FakeShim shim = bySocket.get(socket);
    return shim != null ? shim : FakeShim.gone(clock, subject);
  }

  /** The shim behind a socket path. */
  public synchronized FakeShim shim(Path socket) {
    FakeShim shim = bySocket.get(socket);
    if (shim == null) {
      throw new IllegalStateException("no shim was started with socket " + socket);
    }
    return shim;
  }

  /** Every start that was asked for, failed ones included, in order. */
  public synchronized List<LaunchRequest> requests() {
    return List.copyOf(requests);
  }
}
