package io.onggi.stats;

import io.onggi.cgroup.Sample;
import io.onggi.sandbox.Sandbox;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One pod's statistics.
 *
 * @param at when they were read
 * @param usage of the pod's own cgroup; empty where it has none (no cgroup parent was given) or is
 *     not ready
 * @param network of its interface; empty with the host's network
 * @param tasks processes and threads of the pod
 * @param containers those that run
 */
public record PodReading(
    Sandbox sandbox,
    Instant at,
    Optional<PodUsage> usage,
    Optional<PodInterface> network,
    OptionalLong tasks,
    List<ContainerReading> containers) {
  public PodReading {
    containers = List.copyOf(containers);
  }

  /**
   * @param nanoCores nanoseconds of CPU a second, lately; empty until there are two samples
   */
  public record PodUsage(Sample sample, OptionalLong nanoCores) {}

  /**
   * @param name in the pod, such as eth0
   */
  public record PodInterface(String name, Interfaces.Counters counters) {}
}
