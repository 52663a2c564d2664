package io.onggi.container;

import io.onggi.cgroup.CgroupPath;
import io.onggi.cgroup.Cgroups;
import io.onggi.cgroup.Limits;
import io.onggi.error.CriException;
import java.util.Optional;
import java.util.concurrent.locks.Lock;

/**
 * UpdateContainerResources: all or none, of the cgroup and of the record; status then reports what
 * is set. Allowed for a container that is created or runs. One at a time a container, and none
 * while it starts.
 */
public final class UpdateContainer {
  private final Containers containers;
  private final Cgroups cgroups;

  public UpdateContainer(Containers containers, Cgroups cgroups) {
    this.containers = containers;
    this.cgroups = cgroups;
  }

  /**
   * @param change what is not said in it stays as it is
   * @throws CriException.FailedPrecondition when the container has ended, or uses more memory than
   *     it would be left
   */
  public void update(String idOrPrefix, Limits change) {
    ContainerId id = containers.get(idOrPrefix).id();
    Lock lifecycle = containers.lifecycle(id);
    lifecycle.lock();
    try {
      Container container = containers.get(id.value());
      Limits merged = merge(container, change);
      Optional<Cgroups.Applied> applied = apply(container, merged.spokenOfBy(change));
      try {
        containers.update(id, now -> now.with(now.spec().withLimits(merged)));
      } catch (RuntimeException e) {
        applied.ifPresent(done -> done.takeBack(e));
        throw e;
      }
    } finally {
      lifecycle.unlock();
    }
  }

  private static Limits merge(Container container, Limits change) {
    try {
      return change.over(container.spec().limits()).requireWhole();
    } catch (CriException.InvalidArgument e) {
      throw new CriException.InvalidArgument(
          "container " + container.spec().title() + ": " + e.getMessage(), e);
    }
  }

  /** Empty when there is no cgroup yet: the start makes it from the record. */
  private Optional<Cgroups.Applied> apply(Container container, Limits limits) {
    return switch (container.state()) {
      case ContainerState.Created _ -> {
        cgroups.check(limits);
        yield Optional.empty();
      }
      case ContainerState.Running _ ->
          Optional.of(cgroups.update(CgroupPath.of(container.cgroup()), limits));
      case ContainerState.Starting _, ContainerState.Exited _, ContainerState.Removing _ ->
          throw new CriException.FailedPrecondition(
              "container "
                  + container.id()
                  + " is "
                  + container.state().getClass().getSimpleName()
                  + ", its resources cannot be changed");
    };
  }
}
