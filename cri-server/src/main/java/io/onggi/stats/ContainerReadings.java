package io.onggi.stats;

import io.onggi.cgroup.CgroupPath;
import io.onggi.cgroup.Cgroups;
import io.onggi.cgroup.Sample;
import io.onggi.cgroup.SampleReader;
import io.onggi.container.Container;
import io.onggi.container.ContainerId;
import io.onggi.container.ContainerState;
import io.onggi.container.Containers;
import io.onggi.sandbox.SandboxId;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** Statistics of containers. Thread-safe; a call reads control files and walks nothing. */
public final class ContainerReadings {
  private final Containers containers;
  private final Cgroups cgroups;
  private final WritableLayers layers;
  private final InstantSource clock;
  private final LongSupplier ticker;
  private final CpuRates rates = new CpuRates();

  /**
   * @param ticker monotonic, nanoseconds
   */
  public ContainerReadings(
      Containers containers,
      Cgroups cgroups,
      WritableLayers layers,
      InstantSource clock,
      LongSupplier ticker) {
    this.containers = containers;
    this.cgroups = cgroups;
    this.layers = layers;
    this.clock = clock;
    this.ticker = ticker;
  }

  /**
   * One container's; without cpu and memory if it does not run.
   *
   * @param id or a beginning of it that is unique
   * @throws io.onggi.error.CriException.NotFound naming the id
   */
  public ContainerReading one(String id) {
    Container container = containers.get(id);
    return read(container, cgroups.sampleReader())
        .orElseGet(
            () ->
                new ContainerReading(
                    container,
                    clock.instant(),
                    Optional.empty(),
                    OptionalLong.empty(),
                    layers.of(container.id())));
  }

  /** Those that run and match, oldest first. */
  public List<ContainerReading> list(StatsFilter filter) {
    List<Container> all = containers.list();
    forgetRemoved(all);
    return readAll(all.stream().filter(filter::matches).toList(), cgroups.sampleReader());
  }

  /** Those of one pod that run. */
  List<ContainerReading> of(SandboxId pod, SampleReader reader) {
    return readAll(containers.of(pod), reader);
  }

  private List<ContainerReading> readAll(List<Container> wanted, SampleReader reader) {
    List<ContainerReading> readings = new ArrayList<>();
    for (Container container : wanted) {
      read(container, reader).ifPresent(readings::add);
    }
    return readings;
  }

  /** Empty if it does not run, or ended between the look at its state and that at its cgroup. */
  private Optional<ContainerReading> read(Container container, SampleReader reader) {
    if (!(container.state() instanceof ContainerState.Running)) {
      return Optional.empty();
    }
    return reader.read(CgroupPath.of(container.cgroup())).map(sample -> reading(container, sample));
  }

  private ContainerReading reading(Container container, Sample sample) {
    OptionalLong rate = rates.next(container.id().value(), ticker.getAsLong(), sample.cpuNanos());
    return new ContainerReading(
        container, clock.instant(), Optional.of(sample), rate, layers.of(container.id()));
  }

  private void forgetRemoved(List<Container> all) {
    Set<ContainerId> ids = all.stream().map(Container::id).collect(Collectors.toSet());
    layers.retain(ids);
    rates.retain(ids.stream().map(ContainerId::value).collect(Collectors.toSet()));
  }
}
