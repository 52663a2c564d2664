package io.onggi.sandbox;

import io.onggi.cgroup.Cgroups;
import io.onggi.cgroup.Limits;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * UpdatePodSandboxResources: the pod's record follows what the kubelet has written to the pod's
 * cgroup; a cgroup of our own is changed here, record and cgroup both or neither. One at a time.
 */
public final class UpdateSandbox {
  private final Sandboxes sandboxes;
  private final PodCgroups cgroups;
  private final ReentrantLock one = new ReentrantLock();

  public UpdateSandbox(Sandboxes sandboxes, PodCgroups cgroups) {
    this.sandboxes = sandboxes;
    this.cgroups = cgroups;
  }

  /**
   * @param overhead what is not said in it stays
   * @param containers likewise
   * @throws io.onggi.error.CriException.NotFound when there is no such sandbox
   */
  public void update(String idOrPrefix, Limits overhead, Limits containers) {
    one.lock();
    try {
      Sandbox sandbox = sandboxes.get(idOrPrefix);
      PodResources next = sandbox.spec().resources().changedBy(overhead, containers);
      Optional<Cgroups.Applied> applied =
          sandbox.ready() ? cgroups.update(sandbox.id(), sandbox.spec(), next) : Optional.empty();
      try {
        sandboxes.update(sandbox.id(), now -> now.with(now.spec().withResources(next)));
      } catch (RuntimeException e) {
        applied.ifPresent(done -> done.takeBack(e));
        throw e;
      }
    } finally {
      one.unlock();
    }
  }
}
