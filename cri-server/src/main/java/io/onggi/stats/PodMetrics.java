package io.onggi.stats;

import io.onggi.container.Container;
import io.onggi.sandbox.Sandbox;
import java.util.List;

/**
 * The metrics of one pod.
 *
 * @param points of the pod as a whole: its network, and its cgroup where it has one
 * @param containers those that run
 */
public record PodMetrics(Sandbox sandbox, List<Point> points, List<OfContainer> containers) {
  public PodMetrics {
    points = List.copyOf(points);
    containers = List.copyOf(containers);
  }

  /** The metrics of one container. */
  public record OfContainer(Container container, List<Point> points) {
    public OfContainer {
      points = List.copyOf(points);
    }
  }
}
