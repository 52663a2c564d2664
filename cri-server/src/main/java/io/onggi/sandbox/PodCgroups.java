package io.onggi.sandbox;

import io.onggi.cgroup.CgroupPath;
import io.onggi.cgroup.Cgroups;
import java.util.Optional;

/**
 * Where a pod's containers have their cgroups: below the one that the kubelet made for the pod, or,
 * when the request names none, below our root; and there in a cgroup of the pod's own if it came
 * with limits for the whole of it.
 */
public final class PodCgroups {
  private final Cgroups cgroups;
  private final CgroupPath root;

  /**
   * @param root of pods that name no parent
   */
  public PodCgroups(Cgroups cgroups, CgroupPath root) {
    this.cgroups = cgroups;
    this.root = root;
  }

  /**
   * @throws io.onggi.error.CriException.InvalidArgument for a cgroup_parent of the other driver's
   *     form
   */
  public CgroupPath parentOf(SandboxId id, SandboxSpec spec) {
    if (!spec.cgroupParent().isEmpty()) {
      return cgroups.driver().parent(spec.cgroupParent());
    }
    return spec.ownCgroup() ? own(id) : root;
  }

  private CgroupPath own(SandboxId id) {
    return cgroups.driver().pod(root, id.value());
  }

  /** Makes the pod's own cgroup, if it is to have one, with its limits. */
  void make(SandboxId id, SandboxSpec spec) {
    parentOf(id, spec); // refuses a wrong form before anything is made
    if (spec.ownCgroup()) {
      cgroups.create(own(id), spec.resources().whole());
    }
  }

  /** Idempotent; also for a pod that never had one. */
  void ensureGone(SandboxId id) {
    if (cgroups.exists(own(id))) {
      cgroups.remove(own(id));
    }
  }

  /**
   * Gives the pod's own cgroup other limits.
   *
   * @return the way back; empty when it has none: the kubelet has changed its cgroup already
   */
  Optional<Cgroups.Applied> update(SandboxId id, SandboxSpec spec, PodResources resources) {
    return spec.ownCgroup()
        ? Optional.of(cgroups.update(own(id), resources.whole()))
        : Optional.empty();
  }
}
