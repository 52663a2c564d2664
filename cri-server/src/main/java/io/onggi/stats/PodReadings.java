package io.onggi.stats;

import io.onggi.cgroup.CgroupDriver;
import io.onggi.cgroup.CgroupPath;
import io.onggi.cgroup.Cgroups;
import io.onggi.cgroup.Sample;
import io.onggi.cgroup.SampleReader;
import io.onggi.error.CriException;
import io.onggi.network.Attachment;
import io.onggi.sandbox.Sandbox;
import io.onggi.sandbox.Sandboxes;
import io.onggi.stats.PodReading.PodInterface;
import io.onggi.stats.PodReading.PodUsage;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Statistics of pods. Thread-safe.
 *
 * <p>A pod's cpu and memory are those of the cgroup that the kubelet made for it and gave as
 * parent: that also counts containers that have ended. A pod without one has only its containers'.
 */
public final class PodReadings {
  private final Sandboxes sandboxes;
  private final ContainerReadings containers;
  private final Cgroups cgroups;
  private final InstantSource clock;
  private final LongSupplier ticker;
  private final CpuRates rates = new CpuRates();

  /**
   * @param ticker monotonic, nanoseconds
   */
  public PodReadings(
      Sandboxes sandboxes,
      ContainerReadings containers,
      Cgroups cgroups,
      InstantSource clock,
      LongSupplier ticker) {
    this.sandboxes = sandboxes;
    this.containers = containers;
    this.cgroups = cgroups;
    this.clock = clock;
    this.ticker = ticker;
  }

  /**
   * One pod's.
   *
   * @param id or a beginning of it that is unique
   * @throws io.onggi.error.CriException.NotFound naming the id
   */
  public PodReading one(String id) {
    return read(sandboxes.get(id), cgroups.sampleReader(), Interfaces.ofHost());
  }

  /** Those that are ready and match, oldest first. */
  public List<PodReading> list(StatsFilter filter) {
    List<Sandbox> all = sandboxes.list();
    rates.retain(all.stream().map(pod -> pod.id().value()).collect(Collectors.toSet()));
    SampleReader reader = cgroups.sampleReader();
    Interfaces host = Interfaces.ofHost();
    return all.stream()
        .filter(Sandbox::ready)
        .filter(filter::matches)
        .map(pod -> read(pod, reader, host))
        .toList();
  }

  private PodReading read(Sandbox pod, SampleReader reader, Interfaces host) {
    Optional<CgroupPath> cgroup = cgroupOf(pod, cgroups.driver());
    Optional<PodUsage> usage = cgroup.flatMap(reader::read).map(s -> new PodUsage(s, rate(pod, s)));
    return new PodReading(
        pod,
        clock.instant(),
        usage,
        network(pod, host),
        cgroup.map(reader::tasks).orElse(OptionalLong.empty()),
        containers.of(pod.id(), reader));
  }

  private OptionalLong rate(Sandbox pod, Sample sample) {
    return rates.next(pod.id().value(), ticker.getAsLong(), sample.cpuNanos());
  }

  /** A parent of a form that no container could be put below has nothing to count. */
  static Optional<CgroupPath> cgroupOf(Sandbox pod, CgroupDriver driver) {
    String parent = pod.spec().cgroupParent();
    if (!pod.ready() || parent.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(driver.parent(parent));
    } catch (CriException.InvalidArgument _) {
      return Optional.empty();
    }
  }

  static Optional<PodInterface> network(Sandbox pod, Interfaces host) {
    if (!pod.ready() || pod.attachment().isEmpty()) {
      return Optional.empty();
    }
    Attachment attachment = pod.attachment().get();
    return host.ofPodBehind(attachment.hostInterface())
        .map(counters -> new PodInterface(attachment.podInterface(), counters));
  }
}
