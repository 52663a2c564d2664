package io.onggi.rpc;

import io.grpc.stub.StreamObserver;
import io.onggi.proto.AttachRequest;
import io.onggi.proto.AttachResponse;
import io.onggi.proto.CheckpointContainerRequest;
import io.onggi.proto.CheckpointContainerResponse;
import io.onggi.proto.CheckpointPodRequest;
import io.onggi.proto.CheckpointPodResponse;
import io.onggi.proto.ContainerEventResponse;
import io.onggi.proto.ContainerStatsRequest;
import io.onggi.proto.ContainerStatsResponse;
import io.onggi.proto.ContainerStatusRequest;
import io.onggi.proto.ContainerStatusResponse;
import io.onggi.proto.CreateContainerRequest;
import io.onggi.proto.CreateContainerResponse;
import io.onggi.proto.ExecRequest;
import io.onggi.proto.ExecResponse;
import io.onggi.proto.ExecSyncRequest;
import io.onggi.proto.ExecSyncResponse;
import io.onggi.proto.GetEventsRequest;
import io.onggi.proto.ListContainerStatsRequest;
import io.onggi.proto.ListContainerStatsResponse;
import io.onggi.proto.ListContainersRequest;
import io.onggi.proto.ListContainersResponse;
import io.onggi.proto.ListMetricDescriptorsRequest;
import io.onggi.proto.ListMetricDescriptorsResponse;
import io.onggi.proto.ListPodSandboxMetricsRequest;
import io.onggi.proto.ListPodSandboxMetricsResponse;
import io.onggi.proto.ListPodSandboxRequest;
import io.onggi.proto.ListPodSandboxResponse;
import io.onggi.proto.ListPodSandboxStatsRequest;
import io.onggi.proto.ListPodSandboxStatsResponse;
import io.onggi.proto.PodSandboxStatsRequest;
import io.onggi.proto.PodSandboxStatsResponse;
import io.onggi.proto.PodSandboxStatusRequest;
import io.onggi.proto.PodSandboxStatusResponse;
import io.onggi.proto.PortForwardRequest;
import io.onggi.proto.PortForwardResponse;
import io.onggi.proto.RemoveContainerRequest;
import io.onggi.proto.RemoveContainerResponse;
import io.onggi.proto.RemovePodSandboxRequest;
import io.onggi.proto.RemovePodSandboxResponse;
import io.onggi.proto.ReopenContainerLogRequest;
import io.onggi.proto.ReopenContainerLogResponse;
import io.onggi.proto.RestorePodRequest;
import io.onggi.proto.RestorePodResponse;
import io.onggi.proto.RunPodSandboxRequest;
import io.onggi.proto.RunPodSandboxResponse;
import io.onggi.proto.RuntimeConfigRequest;
import io.onggi.proto.RuntimeConfigResponse;
import io.onggi.proto.RuntimeServiceGrpc;
import io.onggi.proto.StartContainerRequest;
import io.onggi.proto.StartContainerResponse;
import io.onggi.proto.StatusRequest;
import io.onggi.proto.StatusResponse;
import io.onggi.proto.StopContainerRequest;
import io.onggi.proto.StopContainerResponse;
import io.onggi.proto.StopPodSandboxRequest;
import io.onggi.proto.StopPodSandboxResponse;
import io.onggi.proto.StreamContainerStatsRequest;
import io.onggi.proto.StreamContainerStatsResponse;
import io.onggi.proto.StreamContainersRequest;
import io.onggi.proto.StreamContainersResponse;
import io.onggi.proto.StreamPodSandboxMetricsRequest;
import io.onggi.proto.StreamPodSandboxMetricsResponse;
import io.onggi.proto.StreamPodSandboxStatsRequest;
import io.onggi.proto.StreamPodSandboxStatsResponse;
import io.onggi.proto.StreamPodSandboxesRequest;
import io.onggi.proto.StreamPodSandboxesResponse;
import io.onggi.proto.UpdateContainerResourcesRequest;
import io.onggi.proto.UpdateContainerResourcesResponse;
import io.onggi.proto.UpdatePodSandboxResourcesRequest;
import io.onggi.proto.UpdatePodSandboxResourcesResponse;
import io.onggi.proto.UpdateRuntimeConfigRequest;
import io.onggi.proto.UpdateRuntimeConfigResponse;
import io.onggi.proto.VersionRequest;
import io.onggi.proto.VersionResponse;
import java.time.InstantSource;

/**
 * Routes each RPC of CRI's RuntimeService to the class of its topic; what is missing here answers
 * UNIMPLEMENTED.
 */
public final class RuntimeRpc extends RuntimeServiceGrpc.RuntimeServiceImplBase {
  private final NodeCalls node;
  private final SandboxCalls sandboxes;
  private final ContainerCalls containers;
  private final StreamRpc streams;
  private final StatsCalls stats;
  private final MetricCalls metrics;
  private final EventCalls events;

  public RuntimeRpc(RuntimeVerbs verbs, NodeStatus node, VerboseInfo info, InstantSource clock) {
    this.node = new NodeCalls(node, verbs.network());
    this.sandboxes = new SandboxCalls(verbs, info, clock);
    this.containers = new ContainerCalls(verbs, info);
    this.streams = new StreamRpc(verbs.streams());
    this.stats = verbs.stats();
    this.metrics = verbs.metrics();
    this.events = verbs.events();
  }

  @Override
  public void version(VersionRequest request, StreamObserver<VersionResponse> observer) {
    Answer.to(observer, "Version", node::version);
  }

  @Override
  public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
    Answer.to(observer, "Status", () -> node.status(request.getVerbose()));
  }

  @Override
  public void runtimeConfig(
      RuntimeConfigRequest request, StreamObserver<RuntimeConfigResponse> observer) {
    Answer.to(observer, "RuntimeConfig", node::runtimeConfig);
  }

  @Override
  public void updateRuntimeConfig(
      UpdateRuntimeConfigRequest request, StreamObserver<UpdateRuntimeConfigResponse> observer) {
    Answer.to(observer, "UpdateRuntimeConfig", () -> node.update(request));
  }

  @Override
  public void runPodSandbox(
      RunPodSandboxRequest request, StreamObserver<RunPodSandboxResponse> observer) {
    Answer.to(observer, "RunPodSandbox", () -> sandboxes.run(request));
  }

  @Override
  public void stopPodSandbox(
      StopPodSandboxRequest request, StreamObserver<StopPodSandboxResponse> observer) {
    Answer.to(observer, "StopPodSandbox", () -> sandboxes.stop(request));
  }

  @Override
  public void removePodSandbox(
      RemovePodSandboxRequest request, StreamObserver<RemovePodSandboxResponse> observer) {
    Answer.to(observer, "RemovePodSandbox", () -> sandboxes.remove(request));
  }

  @Override
  public void podSandboxStatus(
      PodSandboxStatusRequest request, StreamObserver<PodSandboxStatusResponse> observer) {
    Answer.to(observer, "PodSandboxStatus", () -> sandboxes.status(request));
  }

  @Override
  public void listPodSandbox(
      ListPodSandboxRequest request, StreamObserver<ListPodSandboxResponse> observer) {
    Answer.to(observer, "ListPodSandbox", () -> sandboxes.list(request));
  }

  @Override
  public void streamPodSandboxes(
      StreamPodSandboxesRequest request, StreamObserver<StreamPodSandboxesResponse> observer) {
    sandboxes.stream(request, observer);
  }

  @Override
  public void createContainer(
      CreateContainerRequest request, StreamObserver<CreateContainerResponse> observer) {
    Answer.to(observer, "CreateContainer", () -> containers.create(request));
  }

  @Override
  public void startContainer(
      StartContainerRequest request, StreamObserver<StartContainerResponse> observer) {
    Answer.to(observer, "StartContainer", () -> containers.start(request));
  }

  @Override
  public void stopContainer(
      StopContainerRequest request, StreamObserver<StopContainerResponse> observer) {
    Answer.to(observer, "StopContainer", () -> containers.stop(request));
  }

  @Override
  public void removeContainer(
      RemoveContainerRequest request, StreamObserver<RemoveContainerResponse> observer) {
    Answer.to(observer, "RemoveContainer", () -> containers.remove(request));
  }

  @Override
  public void containerStatus(
      ContainerStatusRequest request, StreamObserver<ContainerStatusResponse> observer) {
    Answer.to(observer, "ContainerStatus", () -> containers.status(request));
  }

  @Override
  public void listContainers(
      ListContainersRequest request, StreamObserver<ListContainersResponse> observer) {
    Answer.to(observer, "ListContainers", () -> containers.list(request));
  }

  @Override
  public void streamContainers(
      StreamContainersRequest request, StreamObserver<StreamContainersResponse> observer) {
    containers.stream(request, observer);
  }

  @Override
  public void updateContainerResources(
      UpdateContainerResourcesRequest request,
      StreamObserver<UpdateContainerResourcesResponse> observer) {
    Answer.to(observer, "UpdateContainerResources", () -> containers.update(request));
  }

  @Override
  public void updatePodSandboxResources(
      UpdatePodSandboxResourcesRequest request,
      StreamObserver<UpdatePodSandboxResourcesResponse> observer) {
    Answer.to(observer, "UpdatePodSandboxResources", () -> sandboxes.update(request));
  }

  @Override
  public void reopenContainerLog(
      ReopenContainerLogRequest request, StreamObserver<ReopenContainerLogResponse> observer) {
    Answer.to(observer, "ReopenContainerLog", () -> containers.reopen(request));
  }

  @Override
  public void execSync(ExecSyncRequest request, StreamObserver<ExecSyncResponse> observer) {
    Answer.to(observer, "ExecSync", () -> containers.execSync(request));
  }

  @Override
  public void exec(ExecRequest request, StreamObserver<ExecResponse> observer) {
    Answer.to(observer, "Exec", () -> streams.exec(request));
  }

  @Override
  public void attach(AttachRequest request, StreamObserver<AttachResponse> observer) {
    Answer.to(observer, "Attach", () -> streams.attach(request));
  }

  @Override
  public void portForward(
      PortForwardRequest request, StreamObserver<PortForwardResponse> observer) {
    Answer.to(observer, "PortForward", () -> streams.portForward(request));
  }

  @Override
  public void containerStats(
      ContainerStatsRequest request, StreamObserver<ContainerStatsResponse> observer) {
    Answer.to(observer, "ContainerStats", () -> stats.container(request));
  }

  @Override
  public void listContainerStats(
      ListContainerStatsRequest request, StreamObserver<ListContainerStatsResponse> observer) {
    Answer.to(observer, "ListContainerStats", () -> stats.listContainers(request));
  }

  @Override
  public void streamContainerStats(
      StreamContainerStatsRequest request, StreamObserver<StreamContainerStatsResponse> observer) {
    stats.streamContainers(request, observer);
  }

  @Override
  public void podSandboxStats(
      PodSandboxStatsRequest request, StreamObserver<PodSandboxStatsResponse> observer) {
    Answer.to(observer, "PodSandboxStats", () -> stats.pod(request));
  }

  @Override
  public void listPodSandboxStats(
      ListPodSandboxStatsRequest request, StreamObserver<ListPodSandboxStatsResponse> observer) {
    Answer.to(observer, "ListPodSandboxStats", () -> stats.listPods(request));
  }

  @Override
  public void streamPodSandboxStats(
      StreamPodSandboxStatsRequest request,
      StreamObserver<StreamPodSandboxStatsResponse> observer) {
    stats.streamPods(request, observer);
  }

  @Override
  public void listMetricDescriptors(
      ListMetricDescriptorsRequest request,
      StreamObserver<ListMetricDescriptorsResponse> observer) {
    Answer.to(observer, "ListMetricDescriptors", metrics::descriptors);
  }

  @Override
  public void listPodSandboxMetrics(
      ListPodSandboxMetricsRequest request,
      StreamObserver<ListPodSandboxMetricsResponse> observer) {
    Answer.to(observer, "ListPodSandboxMetrics", metrics::list);
  }

  @Override
  public void streamPodSandboxMetrics(
      StreamPodSandboxMetricsRequest request,
      StreamObserver<StreamPodSandboxMetricsResponse> observer) {
    metrics.stream(observer);
  }

  @Override
  public void getContainerEvents(
      GetEventsRequest request, StreamObserver<ContainerEventResponse> observer) {
    events.get(observer);
  }

  @Override
  public void checkpointContainer(
      CheckpointContainerRequest request, StreamObserver<CheckpointContainerResponse> observer) {
    Answer.failed(observer, "CheckpointContainer", Unbuilt.checkpointContainer(request));
  }

  @Override
  public void checkpointPod(
      CheckpointPodRequest request, StreamObserver<CheckpointPodResponse> observer) {
    Answer.failed(observer, "CheckpointPod", Unbuilt.checkpointPod(request));
  }

  @Override
  public void restorePod(RestorePodRequest request, StreamObserver<RestorePodResponse> observer) {
    Answer.failed(observer, "RestorePod", Unbuilt.restorePod(request));
  }
}
