package io.onggi.rpc;

import io.grpc.stub.StreamObserver;
import io.onggi.container.Container;
import io.onggi.proto.ContainerMetrics;
import io.onggi.proto.ListMetricDescriptorsResponse;
import io.onggi.proto.ListPodSandboxMetricsResponse;
import io.onggi.proto.MetricDescriptor;
import io.onggi.proto.MetricType;
import io.onggi.proto.PodSandboxMetrics;
import io.onggi.proto.StreamPodSandboxMetricsResponse;
import io.onggi.proto.UInt64Value;
import io.onggi.sandbox.Sandbox;
import io.onggi.sandbox.SandboxName;
import io.onggi.stats.Metric;
import io.onggi.stats.MetricReadings;
import io.onggi.stats.PodMetrics;
import io.onggi.stats.Point;
import java.util.Arrays;
import java.util.List;

/** The RPCs of metrics: which there are, and their values. */
public final class MetricCalls {
  /** The labels that every metric begins with, those of cAdvisor below a kubelet. */
  static final List<String> LABELS =
      List.of("container", "id", "image", "name", "namespace", "pod");

  /** Static: a node never changes its mind about them. */
  private static final ListMetricDescriptorsResponse DESCRIPTORS =
      ListMetricDescriptorsResponse.newBuilder()
          .addAllDescriptors(Arrays.stream(Metric.values()).map(MetricCalls::descriptor).toList())
          .build();

  private final MetricReadings readings;

  public MetricCalls(MetricReadings readings) {
    this.readings = readings;
  }

  private static MetricDescriptor descriptor(Metric metric) {
    return MetricDescriptor.newBuilder()
        .setName(metric.metricName())
        .setHelp(metric.help())
        .addAllLabelKeys(LABELS)
        .addAllLabelKeys(metric.labels())
        .build();
  }

  ListMetricDescriptorsResponse descriptors() {
    return DESCRIPTORS;
  }

  ListPodSandboxMetricsResponse list() {
    MetricReadings.Reader reader = readings.reader();
    ListPodSandboxMetricsResponse.Builder answer = ListPodSandboxMetricsResponse.newBuilder();
    readings.pods().forEach(pod -> answer.addPodMetrics(form(reader.read(pod))));
    return answer.build();
  }

  /** A pod is read when the client has room for it. */
  void stream(StreamObserver<StreamPodSandboxMetricsResponse> observer) {
    MetricReadings.Reader reader;
    try {
      reader = readings.reader();
    } catch (RuntimeException e) {
      Answer.failed(observer, "StreamPodSandboxMetrics", e);
      return;
    }
    ItemStream.answer(
        observer,
        "StreamPodSandboxMetrics",
        readings::pods,
        (Sandbox pod) -> form(reader.read(pod)),
        items ->
            StreamPodSandboxMetricsResponse.newBuilder().addAllPodSandboxMetrics(items).build());
  }

  private static PodSandboxMetrics form(PodMetrics pod) {
    PodSandboxMetrics.Builder answer =
        PodSandboxMetrics.newBuilder().setPodSandboxId(pod.sandbox().id().value());
    List<String> labels = labels(pod.sandbox());
    pod.points().forEach(p -> answer.addMetrics(form(p, labels)));
    for (PodMetrics.OfContainer of : pod.containers()) {
      List<String> own = labels(of.container(), pod.sandbox());
      ContainerMetrics.Builder container =
          ContainerMetrics.newBuilder().setContainerId(of.container().id().value());
      of.points().forEach(p -> container.addMetrics(form(p, own)));
      answer.addContainerMetrics(container);
    }
    return answer.build();
  }

  /** As cAdvisor has a pod's cgroup: neither a container's name nor an image. */
  private static List<String> labels(Sandbox pod) {
    SandboxName name = pod.spec().name();
    return List.of("", pod.spec().cgroupParent(), "", "", name.namespace(), name.name());
  }

  private static List<String> labels(Container container, Sandbox pod) {
    SandboxName name = pod.spec().name();
    return List.of(
        container.spec().name(),
        container.cgroup(),
        container.spec().image(),
        container.id().value(),
        name.namespace(),
        name.name());
  }

  private static io.onggi.proto.Metric form(Point point, List<String> labels) {
    return io.onggi.proto.Metric.newBuilder()
        .setName(point.metric().metricName())
        .setTimestamp(point.measured().map(Times::nanos).orElse(0L))
        .setMetricType(point.metric().isCounter() ? MetricType.COUNTER : MetricType.GAUGE)
        .addAllLabelValues(labels)
        .addAllLabelValues(point.labels())
        .setValue(UInt64Value.newBuilder().setValue(point.value()))
        .build();
  }
}
