package io.onggi.stats;

import io.onggi.sandbox.Sandbox;
import io.onggi.stats.Interfaces.Direction;
import java.util.List;

/** A pod's network, counted at the host's end of its pair; nothing for one on the host's. */
final class NetworkPoints {
  private NetworkPoints() {}

  static void add(Sandbox pod, Interfaces host, List<Point> points) {
    PodReadings.network(pod, host)
        .ifPresent(
            network -> {
              String name = network.name();
              Direction in = network.counters().received();
              points.add(Point.of(Metric.RECEIVE_BYTES, in.bytes(), name));
              points.add(Point.of(Metric.RECEIVE_PACKETS, in.packets(), name));
              points.add(Point.of(Metric.RECEIVE_DROPPED, in.dropped(), name));
              points.add(Point.of(Metric.RECEIVE_ERRORS, in.errors(), name));
              Direction out = network.counters().sent();
              points.add(Point.of(Metric.TRANSMIT_BYTES, out.bytes(), name));
              points.add(Point.of(Metric.TRANSMIT_PACKETS, out.packets(), name));
              points.add(Point.of(Metric.TRANSMIT_DROPPED, out.dropped(), name));
              points.add(Point.of(Metric.TRANSMIT_ERRORS, out.errors(), name));
            });
  }
}
