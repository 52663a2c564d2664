package io.onggi.container;

import io.onggi.cgroup.CgroupPath;
import io.onggi.cgroup.Cgroups;
import io.onggi.cgroup.Limits;
import io.onggi.error.CriException;
import java.util.OptionalLong;

/**
 * UpdateContainerResources: all or none (the cgroup package rolls back); status then reports what
 * is set. Allowed for a container that is created or runs.
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
   */
  public void update(String idOrPrefix, Limits change) {
    Container container = containers.get(idOrPrefix);
    containers.update(
        container.id(),
        now -> {
          switch (now.state()) {
            case ContainerState.Created _ -> {}
            case ContainerState.Running _ -> cgroups.update(CgroupPath.of(now.cgroup()), change);
            case ContainerState.Starting _, ContainerState.Exited _, ContainerState.Removing _ ->
                throw new CriException.FailedPrecondition(
                    "container "
                        + now.id()
                        + " is "
                        + now.state().getClass().getSimpleName()
                        + ", its resources cannot be changed");
          }
          return now.with(now.spec().withLimits(merge(now.spec().limits(), change)));
        });
  }

  private static Limits merge(Limits old, Limits change) {
    return new Limits(
        or(change.cpuShares(), old.cpuShares()),
        or(change.cpuQuotaMicros(), old.cpuQuotaMicros()),
        or(change.cpuPeriodMicros(), old.cpuPeriodMicros()),
        or(change.memoryBytes(), old.memoryBytes()),
        or(change.memorySwapBytes(), old.memorySwapBytes()),
        or(change.pids(), old.pids()),
        change.cpusetCpus().or(old::cpusetCpus),
        change.cpusetMems().or(old::cpusetMems),
        change.hugepages().isEmpty() ? old.hugepages() : change.hugepages(),
        change.unified().isEmpty() ? old.unified() : change.unified(),
        old.devices());
  }

  @SuppressWarnings("OptionalUsedAsFieldOrParameterType") // private, merges two records
  private static OptionalLong or(OptionalLong first, OptionalLong second) {
    return first.isPresent() ? first : second;
  }
}
