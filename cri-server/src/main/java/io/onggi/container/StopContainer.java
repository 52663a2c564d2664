package io.onggi.container;

import io.onggi.cgroup.CgroupPath;
import io.onggi.cgroup.Cgroups;
import io.onggi.error.CriException;
import io.onggi.launch.Shim;
import io.onggi.launch.ShimConnector;
import io.onggi.launch.ShimException;
import java.util.concurrent.locks.Lock;

/**
 * StopContainer: the stop signal to the first process, the grace period, then SIGKILL to the whole
 * container. Unknown or ended containers are success (CRI: idempotent).
 */
public final class StopContainer {
  /** After SIGKILL only a process in an uninterruptible sleep does not end. */
  private static final long KILL_MILLIS = 30_000;

  private final Containers containers;
  private final ContainerExits exits;
  private final ContainerLayout layout;
  private final ShimConnector connector;
  private final Cgroups cgroups;

  public StopContainer(
      Containers containers,
      ContainerExits exits,
      ContainerLayout layout,
      ShimConnector connector,
      Cgroups cgroups) {
    this.containers = containers;
    this.exits = exits;
    this.layout = layout;
    this.connector = connector;
    this.cgroups = cgroups;
  }

  /**
   * @param graceSeconds between the stop signal and SIGKILL; 0: SIGKILL at once
   * @throws CriException.DeadlineExceeded when the process does not end even after SIGKILL
   */
  public void stop(String idOrPrefix, long graceSeconds) {
    containers
        .find(idOrPrefix)
        .map(this::afterStart)
        .filter(c -> c.state() instanceof ContainerState.Running)
        .ifPresent(c -> stopRunning(c, Math.max(0, graceSeconds)));
  }

  /** The container once no start of it is under way. */
  private Container afterStart(Container container) {
    if (!(container.state() instanceof ContainerState.Starting)) {
      return container;
    }
    Lock lifecycle = containers.lifecycle(container.id());
    lifecycle.lock();
    try {
      return containers.find(container.id().value()).orElse(container);
    } finally {
      lifecycle.unlock();
    }
  }

  private void stopRunning(Container container, long graceSeconds) {
    ContainerId id = container.id();
    if (graceSeconds > 0 && container.stopSignal() != Signals.SIGKILL) {
      signal(container, container.stopSignal(), Shim.Scope.FIRST_PROCESS);
      if (exits.await(id, Math.multiplyExact(Math.min(graceSeconds, 1L << 40), 1000))) {
        return;
      }
    }
    signal(container, Signals.SIGKILL, Shim.Scope.WHOLE_CONTAINER);
    if (!exits.await(id, KILL_MILLIS)) {
      throw new CriException.DeadlineExceeded(
          "container "
              + id
              + " did not end within 30 s of SIGKILL; a process of it is stuck in the"
              + " kernel, see its state in /proc (often a dead network file system)");
    }
  }

  private void signal(Container container, int signal, Shim.Scope scope) {
    try {
      connector
          .connect("container " + container.id(), layout.socket(container.id()))
          .kill(signal, scope);
    } catch (ShimException _) {
      // Its shim is gone: the container has ended, or only its cgroup can be reached.
      if (signal == Signals.SIGKILL) {
        cgroups.killAll(CgroupPath.of(container.cgroup()));
      }
    }
  }
}
