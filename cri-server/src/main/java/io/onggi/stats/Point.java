package io.onggi.stats;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One value of one metric.
 *
 * @param labels values of {@link Metric#labels}, as many and in that order
 * @param measured empty if it was read for this call
 */
public record Point(Metric metric, List<String> labels, long value, Optional<Instant> measured) {
  public Point {
    if (labels.size() != metric.labels().size()) {
      throw new IllegalArgumentException(
          metric.metricName() + " has the labels " + metric.labels() + ", not " + labels);
    }
  }

  static Point of(Metric metric, long value, String... labels) {
    return new Point(metric, List.of(labels), value, Optional.empty());
  }
}
