package io.onggi.stats;

import io.onggi.cgroup.Detail;
import io.onggi.cgroup.Quantity;
import java.util.Arrays;
import java.util.List;

/** What a cgroup's numbers are as metrics. */
final class CgroupPoints {
  private static final long NANOS = 1_000_000_000L;

  /** Those that are one number of the kernel each. */
  private static final List<Metric> PLAIN =
      Arrays.stream(Metric.values()).filter(m -> m.quantity().isPresent()).toList();

  private CgroupPoints() {}

  static void add(Detail detail, Disks disks, List<Point> points) {
    for (Metric metric : PLAIN) {
      metric
          .quantity()
          .flatMap(detail::get)
          .ifPresent(
              value -> points.add(Point.of(metric, metric.isSeconds() ? value / NANOS : value)));
    }
    detail
        .get(Quantity.CPU_NANOS)
        .ifPresent(nanos -> points.add(Point.of(Metric.CPU_USAGE, nanos / NANOS, "total")));
    detail
        .get(Quantity.CPU_QUOTA_MICROS)
        .filter(quota -> quota > 0)
        .ifPresent(quota -> points.add(Point.of(Metric.SPEC_CPU_QUOTA, quota)));
    memory(detail, points);
    hugepages(detail, points);
    io(detail, disks, points);
  }

  private static void memory(Detail detail, List<Point> points) {
    detail
        .get(Quantity.MEMORY_BYTES)
        .ifPresent(
            usage -> {
              long inactive = detail.get(Quantity.MEMORY_INACTIVE_FILE_BYTES).orElse(0L);
              points.add(Point.of(Metric.MEMORY_WORKING_SET, Math.max(0, usage - inactive)));
            });
    failures(detail, Quantity.PAGE_FAULTS_LOCAL, "pgfault", "container", points);
    failures(detail, Quantity.MAJOR_PAGE_FAULTS_LOCAL, "pgmajfault", "container", points);
    failures(detail, Quantity.PAGE_FAULTS, "pgfault", "hierarchy", points);
    failures(detail, Quantity.MAJOR_PAGE_FAULTS, "pgmajfault", "hierarchy", points);
  }

  private static void failures(
      Detail detail, Quantity quantity, String type, String scope, List<Point> points) {
    detail
        .get(quantity)
        .ifPresent(count -> points.add(Point.of(Metric.MEMORY_FAILURES, count, type, scope)));
  }

  private static void hugepages(Detail detail, List<Point> points) {
    for (Detail.HugepageUse use : detail.hugepages()) {
      points.add(Point.of(Metric.HUGETLB_USAGE, use.bytes(), use.pageSize()));
      points.add(Point.of(Metric.HUGETLB_FAILCNT, use.limitHits(), use.pageSize()));
      use.peakBytes()
          .ifPresent(peak -> points.add(Point.of(Metric.HUGETLB_MAX, peak, use.pageSize())));
    }
  }

  private static void io(Detail detail, Disks disks, List<Point> points) {
    for (Detail.DeviceIo io : detail.io()) {
      String device = disks.name(io.device());
      points.add(Point.of(Metric.FS_READ_BYTES, io.readBytes(), device));
      points.add(Point.of(Metric.FS_READS, io.reads(), device));
      points.add(Point.of(Metric.FS_WRITTEN_BYTES, io.writtenBytes(), device));
      points.add(Point.of(Metric.FS_WRITES, io.writes(), device));
      String[] numbers = io.device().split(":");
      if (numbers.length == 2) {
        points.add(Point.of(Metric.BLKIO, io.readBytes(), device, numbers[0], numbers[1], "Read"));
        points.add(
            Point.of(Metric.BLKIO, io.writtenBytes(), device, numbers[0], numbers[1], "Write"));
      }
    }
  }
}
