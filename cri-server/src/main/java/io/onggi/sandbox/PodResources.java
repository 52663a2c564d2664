package io.onggi.sandbox;

import io.onggi.cgroup.Limits;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * What a pod as a whole may use, as it was told; the kubelet makes the pod's cgroup and writes it
 * there, unless the pod has a cgroup of our own.
 *
 * @param overhead of the sandbox itself
 * @param containers the sum over its containers
 * @param ownCgroup the pod has a cgroup of our own: the request named no parent, but limits
 */
public record PodResources(Limits overhead, Limits containers, boolean ownCgroup) {
  static final PodResources NONE = new PodResources(Limits.NONE, Limits.NONE, false);

  /** What is said here laid over it; what is not said stays. */
  public PodResources changedBy(Limits overheadChange, Limits containersChange) {
    return new PodResources(
        overheadChange.over(overhead).requireWhole(),
        containersChange.over(containers).requireWhole(),
        ownCgroup);
  }

  /** Both together, for the pod's cgroup: a pod without a limit for its containers has none. */
  Limits whole() {
    Limits sum = containers;
    OptionalLong shares = sum(Limits::cpuShares);
    if (shares.isPresent()) {
      sum = sum.withCpuShares(Math.min(shares.getAsLong(), Limits.MOST_SHARES));
    }
    OptionalLong memory = sum(Limits::memoryBytes);
    if (memory.isPresent()) {
      sum = Limits.NONE.withMemory(memory.getAsLong()).over(sum);
    }
    long period = containers.cpuPeriodMicros().orElse(0);
    boolean samePeriod = period == overhead.cpuPeriodMicros().orElse(period);
    OptionalLong quota = sum(Limits::cpuQuotaMicros);
    if (quota.isPresent() && period > 0 && samePeriod) {
      sum = sum.withCpuQuota(quota.getAsLong(), period);
    }
    return sum;
  }

  /** Of the containers' limit, if they have one, with the overhead added. */
  private OptionalLong sum(Function<Limits, OptionalLong> part) {
    OptionalLong own = part.apply(containers);
    OptionalLong more = part.apply(overhead);
    boolean alone =
        own.isEmpty()
            || more.isEmpty()
            || own.getAsLong() == Limits.UNLIMITED
            || more.getAsLong() == Limits.UNLIMITED;
    return alone ? own : OptionalLong.of(own.getAsLong() + more.getAsLong());
  }
}
