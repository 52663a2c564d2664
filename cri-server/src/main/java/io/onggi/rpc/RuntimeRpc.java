package io.onggi.rpc;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.onggi.container.Container;
import io.onggi.container.ContainerId;
import io.onggi.error.CriException;
import io.onggi.launch.ExecResult;
import io.onggi.network.IpPrefix;
import io.onggi.proto.AttachRequest;
import io.onggi.proto.AttachResponse;
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
import io.onggi.proto.ListContainerStatsRequest;
import io.onggi.proto.ListContainerStatsResponse;
import io.onggi.proto.ListContainersRequest;
import io.onggi.proto.ListContainersResponse;
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
import io.onggi.proto.StreamPodSandboxStatsRequest;
import io.onggi.proto.StreamPodSandboxStatsResponse;
import io.onggi.proto.UpdateContainerResourcesRequest;
import io.onggi.proto.UpdateContainerResourcesResponse;
import io.onggi.proto.UpdateRuntimeConfigRequest;
import io.onggi.proto.UpdateRuntimeConfigResponse;
import io.onggi.proto.VersionRequest;
import io.onggi.proto.VersionResponse;
import io.onggi.sandbox.Sandbox;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** Routes each RPC of CRI's RuntimeService; what is missing here answers UNIMPLEMENTED. */
public final class RuntimeRpc extends RuntimeServiceGrpc.RuntimeServiceImplBase {
  private final RuntimeVerbs verbs;
  private final NodeStatus node;
  private final VerboseInfo info;
  private final StreamRpc streams;

  public RuntimeRpc(RuntimeVerbs verbs, NodeStatus node, VerboseInfo info) {
    this.verbs = verbs;
    this.node = node;
    this.info = info;
    this.streams = new StreamRpc(verbs.streams());
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
    Answer.to(
        observer,
        "UpdateRuntimeConfig",
        () -> {
          String cidrs = request.getRuntimeConfig().getNetworkConfig().getPodCidr();
          List<IpPrefix> ranges =
              Arrays.stream(cidrs.split(","))
                  .filter(c -> !c.isBlank())
                  .map(c -> prefix(c.strip()))
                  .toList();
          if (!ranges.isEmpty()) {
            verbs.network().podCidr(ranges);
          }
          return UpdateRuntimeConfigResponse.getDefaultInstance();
        });
  }

  private static IpPrefix prefix(String cidr) {
    try {
      return IpPrefix.parse(cidr);
    } catch (IllegalArgumentException e) {
      throw new CriException.InvalidArgument(
          "UpdateRuntimeConfig: pod_cidr \"" + cidr + "\": " + e.getMessage(), e);
    }
  }

  @Override
  public void runPodSandbox(
      RunPodSandboxRequest request, StreamObserver<RunPodSandboxResponse> observer) {
    Answer.to(
        observer,
        "RunPodSandbox",
        () ->
            RunPodSandboxResponse.newBuilder()
                .setPodSandboxId(verbs.run().run(SandboxTranslation.spec(request)).value())
                .build());
  }

  @Override
  public void stopPodSandbox(
      StopPodSandboxRequest request, StreamObserver<StopPodSandboxResponse> observer) {
    Answer.to(
        observer,
        "StopPodSandbox",
        () -> {
          verbs.stopSandbox().stop(request.getPodSandboxId());
          return StopPodSandboxResponse.getDefaultInstance();
        });
  }

  @Override
  public void removePodSandbox(
      RemovePodSandboxRequest request, StreamObserver<RemovePodSandboxResponse> observer) {
    Answer.to(
        observer,
        "RemovePodSandbox",
        () -> {
          verbs.removeSandbox().remove(request.getPodSandboxId());
          return RemovePodSandboxResponse.getDefaultInstance();
        });
  }

  @Override
  public void podSandboxStatus(
      PodSandboxStatusRequest request, StreamObserver<PodSandboxStatusResponse> observer) {
    Answer.to(
        observer,
        "PodSandboxStatus",
        () -> {
          Sandbox sandbox = verbs.sandboxes().get(request.getPodSandboxId());
          PodSandboxStatusResponse.Builder answer =
              PodSandboxStatusResponse.newBuilder().setStatus(SandboxAnswers.status(sandbox));
          if (request.getVerbose()) {
            answer.putAllInfo(info.of(sandbox));
          }
          return answer.build();
        });
  }

  @Override
  public void listPodSandbox(
      ListPodSandboxRequest request, StreamObserver<ListPodSandboxResponse> observer) {
    Answer.to(
        observer,
        "ListPodSandbox",
        () ->
            ListPodSandboxResponse.newBuilder()
                .addAllItems(
                    verbs.sandboxes().list().stream()
                        .filter(s -> SandboxAnswers.matches(s, request.getFilter()))
                        .map(SandboxAnswers::listed)
                        .toList())
                .build());
  }

  @Override
  public void createContainer(
      CreateContainerRequest request, StreamObserver<CreateContainerResponse> observer) {
    Answer.to(
        observer,
        "CreateContainer",
        () -> {
          Sandbox sandbox = verbs.sandboxes().get(request.getPodSandboxId());
          ContainerId id = verbs.create().create(ContainerTranslation.spec(request, sandbox));
          return CreateContainerResponse.newBuilder().setContainerId(id.value()).build();
        });
  }

  @Override
  public void startContainer(
      StartContainerRequest request, StreamObserver<StartContainerResponse> observer) {
    Answer.to(
        observer,
        "StartContainer",
        () -> {
          verbs.start().start(request.getContainerId());
          return StartContainerResponse.getDefaultInstance();
        });
  }

  @Override
  public void stopContainer(
      StopContainerRequest request, StreamObserver<StopContainerResponse> observer) {
    Answer.to(
        observer,
        "StopContainer",
        () -> {
          verbs.stop().stop(request.getContainerId(), request.getTimeout());
          return StopContainerResponse.getDefaultInstance();
        });
  }

  @Override
  public void removeContainer(
      RemoveContainerRequest request, StreamObserver<RemoveContainerResponse> observer) {
    Answer.to(
        observer,
        "RemoveContainer",
        () -> {
          verbs.remove().remove(request.getContainerId());
          return RemoveContainerResponse.getDefaultInstance();
        });
  }

  @Override
  public void containerStatus(
      ContainerStatusRequest request, StreamObserver<ContainerStatusResponse> observer) {
    Answer.to(
        observer,
        "ContainerStatus",
        () -> {
          Container container = verbs.containers().get(request.getContainerId());
          ContainerStatusResponse.Builder answer =
              ContainerStatusResponse.newBuilder().setStatus(ContainerAnswers.status(container));
          if (request.getVerbose()) {
            answer.putAllInfo(info.of(container));
          }
          return answer.build();
        });
  }

  @Override
  public void listContainers(
      ListContainersRequest request, StreamObserver<ListContainersResponse> observer) {
    Answer.to(
        observer,
        "ListContainers",
        () ->
            ListContainersResponse.newBuilder()
                .addAllContainers(
                    verbs.containers().list().stream()
                        .filter(c -> ContainerAnswers.matches(c, request.getFilter()))
                        .map(ContainerAnswers::listed)
                        .toList())
                .build());
  }

  @Override
  public void updateContainerResources(
      UpdateContainerResourcesRequest request,
      StreamObserver<UpdateContainerResourcesResponse> observer) {
    Answer.to(
        observer,
        "UpdateContainerResources",
        () -> {
          verbs
              .update()
              .update(request.getContainerId(), ContainerTranslation.limits(request.getLinux()));
          return UpdateContainerResourcesResponse.getDefaultInstance();
        });
  }

  @Override
  public void reopenContainerLog(
      ReopenContainerLogRequest request, StreamObserver<ReopenContainerLogResponse> observer) {
    Answer.to(
        observer,
        "ReopenContainerLog",
        () -> {
          verbs.reopen().reopen(request.getContainerId());
          return ReopenContainerLogResponse.getDefaultInstance();
        });
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
  public void execSync(ExecSyncRequest request, StreamObserver<ExecSyncResponse> observer) {
    Answer.to(
        observer,
        "ExecSync",
        () -> {
          Duration timeout =
              Duration.ofSeconds(Math.clamp(request.getTimeout(), 0, Integer.MAX_VALUE));
          ExecResult result =
              verbs.exec().exec(request.getContainerId(), request.getCmdList(), timeout);
          return ExecSyncResponse.newBuilder()
              .setStdout(ByteString.copyFrom(result.stdout()))
              .setStderr(ByteString.copyFrom(result.stderr()))
              .setExitCode(result.exitCode())
              .build();
        });
  }

  @Override
  public void containerStats(
      ContainerStatsRequest request, StreamObserver<ContainerStatsResponse> observer) {
    verbs.stats().containerStats(request, observer);
  }

  @Override
  public void listContainerStats(
      ListContainerStatsRequest request, StreamObserver<ListContainerStatsResponse> observer) {
    verbs.stats().listContainerStats(request, observer);
  }

  @Override
  public void streamContainerStats(
      StreamContainerStatsRequest request, StreamObserver<StreamContainerStatsResponse> observer) {
    verbs.stats().streamContainerStats(request, observer);
  }

  @Override
  public void podSandboxStats(
      PodSandboxStatsRequest request, StreamObserver<PodSandboxStatsResponse> observer) {
    verbs.stats().podSandboxStats(request, observer);
  }

  @Override
  public void listPodSandboxStats(
      ListPodSandboxStatsRequest request, StreamObserver<ListPodSandboxStatsResponse> observer) {
    verbs.stats().listPodSandboxStats(request, observer);
  }

  @Override
  public void streamPodSandboxStats(
      StreamPodSandboxStatsRequest request,
      StreamObserver<StreamPodSandboxStatsResponse> observer) {
    verbs.stats().streamPodSandboxStats(request, observer);
  }
}
