package io.onggi.e2e.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.e2e.Node;
import io.onggi.proto.ContainerMetrics;
import io.onggi.proto.LinuxContainerResources;
import io.onggi.proto.ListMetricDescriptorsRequest;
import io.onggi.proto.ListPodSandboxMetricsRequest;
import io.onggi.proto.Metric;
import io.onggi.proto.MetricDescriptor;
import io.onggi.proto.MetricType;
import io.onggi.proto.PodSandboxMetrics;
import io.onggi.proto.StreamPodSandboxMetricsRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Rule 50: metrics are declared once and for all, and their values fit. */
@ExtendWith(SharedNode.class)
class MetricContractTest {
  private static final long MEBI = 1 << 20;

  /** On every kernel; what only cgroup v2, PSI, huge pages or disk traffic bring is not here. */
  private static final Set<String> EVERYWHERE =
      Set.of(
          "container_last_seen",
          "container_start_time_seconds",
          "container_cpu_usage_seconds_total",
          "container_cpu_user_seconds_total",
          "container_cpu_system_seconds_total",
          "container_cpu_cfs_periods_total",
          "container_cpu_cfs_throttled_periods_total",
          "container_cpu_cfs_throttled_seconds_total",
          "container_cpu_load_average_10s",
          "container_cpu_load_d_average_10s",
          "container_tasks_state",
          "container_memory_cache",
          "container_memory_rss",
          "container_memory_kernel_usage",
          "container_memory_mapped_file",
          "container_memory_failcnt",
          "container_memory_usage_bytes",
          "container_memory_max_usage_bytes",
          "container_memory_working_set_bytes",
          "container_memory_total_active_file_bytes",
          "container_memory_total_inactive_file_bytes",
          "container_memory_failures_total",
          "container_fs_inodes_free",
          "container_fs_inodes_total",
          "container_fs_limit_bytes",
          "container_fs_usage_bytes",
          "container_processes",
          "container_file_descriptors",
          "container_sockets",
          "container_threads",
          "container_threads_max",
          "container_ulimits_soft",
          "container_oom_events_total",
          "container_spec_cpu_period",
          "container_spec_cpu_quota",
          "container_spec_cpu_shares",
          "container_spec_memory_limit_bytes",
          "container_spec_memory_reservation_limit_bytes");

  private final Node node;

  MetricContractTest(Node node) {
    this.node = node;
  }

  @Test
  void c50_descriptorsAreStaticUniqueAndDescribed() {
    List<MetricDescriptor> first = descriptors();
    assertEquals(first, descriptors());
    assertTrue(first.size() >= 56, "declared: " + first.size());
    Set<String> names = new HashSet<>();
    for (MetricDescriptor descriptor : first) {
      assertTrue(names.add(descriptor.getName()), descriptor.getName());
      assertFalse(descriptor.getHelp().isBlank(), descriptor.getName());
      assertEquals(
          List.of("container", "id", "image", "name", "namespace", "pod"),
          descriptor.getLabelKeysList().subList(0, 6));
    }
    assertTrue(names.containsAll(EVERYWHERE), names.toString());
  }

  @Test
  void c50_everyValueFitsItsDescriptor() {
    Map<String, MetricDescriptor> declared =
        descriptors().stream()
            .collect(Collectors.toMap(MetricDescriptor::getName, Function.identity()));
    try (Pod pod = Pod.run(node)) {
      pod.start("c");
      PodSandboxMetrics metrics = metrics(pod);
      List<Metric> all = new ArrayList<>(metrics.getMetricsList());
      metrics.getContainerMetricsList().forEach(c -> all.addAll(c.getMetricsList()));
      assertTrue(all.size() > EVERYWHERE.size(), "values: " + all.size());
      for (Metric metric : all) {
        MetricDescriptor descriptor =
            Objects.requireNonNull(declared.get(metric.getName()), metric.getName());
        assertEquals(
            descriptor.getLabelKeysCount(), metric.getLabelValuesCount(), metric.toString());
        // One that is measured in the background says when.
        assertEquals(
            metric.getName().equals("container_fs_usage_bytes"),
            metric.getTimestamp() > 0,
            metric.toString());
      }
    }
  }

  @Test
  void c50_aContainersMetricsAreThereAndAreWhatTheKernelHas() throws Exception {
    try (Pod pod = Pod.run(node)) {
      String container =
          pod.start(
              "c",
              c ->
                  c.getLinuxBuilder()
                      .setResources(
                          LinuxContainerResources.newBuilder()
                              .setMemoryLimitInBytes(64 * MEBI)
                              .setCpuPeriod(100_000)
                              .setCpuQuota(50_000)
                              .setCpuShares(512)));
      Await.until(
          () -> "never measured",
          () -> found(pod, container).containsKey("container_fs_usage_bytes"));
      Map<String, Metric> metrics = found(pod, container);
      Set<String> missing = new HashSet<>(EVERYWHERE);
      missing.removeAll(metrics.keySet());
      assertEquals(Set.of(), missing);
      assertEquals(64 * MEBI, value(metrics, "container_spec_memory_limit_bytes"));
      assertEquals(100_000, value(metrics, "container_spec_cpu_period"));
      assertEquals(50_000, value(metrics, "container_spec_cpu_quota"));
      assertEquals(1, value(metrics, "container_processes"));
      assertEquals(1, value(metrics, "container_threads"));
      assertEquals(
          pod.status(container).getStartedAt() / 1_000_000_000L,
          value(metrics, "container_start_time_seconds"));
      try (var open = Files.list(Path.of("/proc/" + pod.pid(container) + "/fd"))) {
        assertEquals(open.count(), value(metrics, "container_file_descriptors"));
      }
      Metric threads = named(metrics, "container_threads");
      assertEquals(MetricType.GAUGE, threads.getMetricType());
      assertEquals("c", threads.getLabelValues(0));
      assertEquals(container, threads.getLabelValues(3));
      assertEquals("e2e", threads.getLabelValues(4));
      assertEquals(pod.config().getMetadata().getName(), threads.getLabelValues(5));
      assertEquals(
          MetricType.COUNTER, named(metrics, "container_cpu_usage_seconds_total").getMetricType());
    }
  }

  @Test
  void c50_aPodsNetworkIsCounted() {
    try (Pod pod = Pod.run(node)) {
      String container = pod.start("c");
      pod.sh(container, "ping -c 2 -W 2 10.83.0.1 || true");
      Map<String, Metric> own =
          metrics(pod).getMetricsList().stream()
              .collect(Collectors.toMap(Metric::getName, Function.identity(), (a, _) -> a));
      for (String name :
          List.of(
              "container_network_receive_bytes_total",
              "container_network_receive_packets_total",
              "container_network_receive_packets_dropped_total",
              "container_network_receive_errors_total",
              "container_network_transmit_bytes_total",
              "container_network_transmit_packets_total",
              "container_network_transmit_packets_dropped_total",
              "container_network_transmit_errors_total")) {
        assertTrue(own.containsKey(name), name + " not in " + own.keySet());
        assertEquals("eth0", named(own, name).getLabelValues(6));
      }
      assertTrue(value(own, "container_network_transmit_packets_total") > 0, own.toString());
    }
  }

  @Test
  void c53_metricsAreStreamedForTheSamePods() {
    try (Pod pod = Pod.run(node);
        Pod other = Pod.run(node)) {
      pod.start("c");
      pod.awaitExit(pod.start("ended", "true"));
      List<PodSandboxMetrics> streamed = new ArrayList<>();
      node.cri()
          .runtime()
          .streamPodSandboxMetrics(StreamPodSandboxMetricsRequest.getDefaultInstance())
          .forEachRemaining(message -> streamed.addAll(message.getPodSandboxMetricsList()));
      assertEquals(
          List.of(pod.id(), other.id()),
          streamed.stream().map(PodSandboxMetrics::getPodSandboxId).toList());
      assertEquals(1, streamed.getFirst().getContainerMetricsCount(), "one runs");
    }
  }

  private List<MetricDescriptor> descriptors() {
    return node.cri()
        .runtime()
        .listMetricDescriptors(ListMetricDescriptorsRequest.getDefaultInstance())
        .getDescriptorsList();
  }

  private PodSandboxMetrics metrics(Pod pod) {
    return node
        .cri()
        .runtime()
        .listPodSandboxMetrics(ListPodSandboxMetricsRequest.getDefaultInstance())
        .getPodMetricsList()
        .stream()
        .filter(p -> p.getPodSandboxId().equals(pod.id()))
        .findFirst()
        .orElseThrow();
  }

  private Map<String, Metric> found(Pod pod, String container) {
    return metrics(pod).getContainerMetricsList().stream()
        .filter(c -> c.getContainerId().equals(container))
        .map(ContainerMetrics::getMetricsList)
        .flatMap(List::stream)
        .collect(Collectors.toMap(Metric::getName, Function.identity(), (a, _) -> a));
  }

  private static Metric named(Map<String, Metric> metrics, String name) {
    return Objects.requireNonNull(metrics.get(name), name);
  }

  private static long value(Map<String, Metric> metrics, String name) {
    return named(metrics, name).getValue().getValue();
  }
}
