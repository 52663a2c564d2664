package io.onggi.stats;

import io.onggi.cgroup.CgroupPath;
import io.onggi.cgroup.Cgroups;
import io.onggi.cgroup.Detail;
import io.onggi.cgroup.DetailReader;
import io.onggi.container.Container;
import io.onggi.container.ContainerState;
import io.onggi.container.Containers;
import io.onggi.sandbox.Sandbox;
import io.onggi.sandbox.SandboxId;
import io.onggi.sandbox.Sandboxes;
import io.onggi.stats.PodMetrics.OfContainer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Metrics of pods, read for each call. Thread-safe. A container that ends meanwhile is left out,
 * never an error.
 */
public final class MetricReadings {
  private final Sandboxes sandboxes;
  private final Containers containers;
  private final Cgroups cgroups;
  private final WritableLayers layers;
  private final InstantSource clock;
  private final LongSupplier ticker;
  private final LoadAverages loads = new LoadAverages();

  /**
   * @param ticker monotonic, nanoseconds
   */
  public MetricReadings(
      Sandboxes sandboxes,
      Containers containers,
      Cgroups cgroups,
      WritableLayers layers,
      InstantSource clock,
      LongSupplier ticker) {
    this.sandboxes = sandboxes;
    this.containers = containers;
    this.cgroups = cgroups;
    this.layers = layers;
    this.clock = clock;
    this.ticker = ticker;
  }

  /** What one call shares among its pods. */
  private record Round(DetailReader reader, Interfaces host, Disks disks, Instant at) {}

  /** Reads one pod after the other, when its turn comes. */
  public final class Reader {
    private final Round round;
    private final Map<SandboxId, List<Container>> members;

    private Reader(List<Container> all) {
      this.members = all.stream().collect(Collectors.groupingBy(c -> c.spec().sandbox()));
      this.round =
          new Round(
              cgroups.detailReader(), Interfaces.ofHost(), new Disks(layers), clock.instant());
    }

    public PodMetrics read(Sandbox pod) {
      return MetricReadings.this.read(pod, members.getOrDefault(pod.id(), List.of()), round);
    }
  }

  /** The pods that are ready, oldest first. */
  public List<Sandbox> pods() {
    return sandboxes.list().stream().filter(Sandbox::ready).toList();
  }

  /** For one call, and one thread. */
  public Reader reader() {
    List<Container> all = containers.list();
    loads.retain(all.stream().map(c -> c.id().value()).collect(Collectors.toSet()));
    return new Reader(all);
  }

  private PodMetrics read(Sandbox pod, List<Container> members, Round round) {
    List<Point> own = new ArrayList<>();
    PodReadings.cgroupOf(pod, cgroups.driver())
        .flatMap(round.reader::read)
        .ifPresent(detail -> CgroupPoints.add(detail, round.disks, own));
    NetworkPoints.add(pod, round.host, own);
    List<OfContainer> found = new ArrayList<>();
    for (Container container : members) {
      if (container.state() instanceof ContainerState.Running running) {
        CgroupPath path = CgroupPath.of(container.cgroup());
        round
            .reader
            .read(path)
            .ifPresent(
                detail ->
                    found.add(
                        new OfContainer(
                            container, points(container, running, path, detail, round))));
      }
    }
    return new PodMetrics(pod, own, found);
  }

  private List<Point> points(
      Container container,
      ContainerState.Running running,
      CgroupPath path,
      Detail detail,
      Round round) {
    List<Point> points = new ArrayList<>();
    points.add(Point.of(Metric.LAST_SEEN, round.at.getEpochSecond()));
    points.add(Point.of(Metric.START_TIME, running.startedAt().getEpochSecond()));
    CgroupPoints.add(detail, round.disks, points);
    processes(container, running, path, round, points);
    round.disks.add(container.id(), points);
    return points;
  }

  private void processes(
      Container container,
      ContainerState.Running running,
      CgroupPath path,
      Round round,
      List<Point> points) {
    ProcessCounts counts = ProcessCounts.of(cgroups.processes(path));
    points.add(Point.of(Metric.PROCESSES, counts.processes()));
    points.add(Point.of(Metric.FILE_DESCRIPTORS, counts.descriptors()));
    points.add(Point.of(Metric.SOCKETS, counts.sockets()));
    ProcessCounts.openFilesLimit(running.pid())
        .ifPresent(soft -> points.add(Point.of(Metric.ULIMITS, soft, "max_open_files")));
    ProcessCounts.states(round.reader.threadsFile(path))
        .ifPresent(
            states -> {
              points.add(Point.of(Metric.TASKS_STATE, states.running(), "running"));
              points.add(Point.of(Metric.TASKS_STATE, states.sleeping(), "sleeping"));
              points.add(Point.of(Metric.TASKS_STATE, states.stopped(), "stopped"));
              points.add(Point.of(Metric.TASKS_STATE, states.uninterruptible(), "uninterruptible"));
              points.add(Point.of(Metric.TASKS_STATE, states.waitingForDisk(), "iowaiting"));
              LoadAverages.Average load =
                  loads.next(container.id().value(), ticker.getAsLong(), states);
              points.add(Point.of(Metric.LOAD_10S, load.running()));
              points.add(Point.of(Metric.LOAD_D_10S, load.uninterruptible()));
            });
  }
}
