package io.onggi.rpc;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.stub.StreamObserver;
import io.onggi.container.Container;
import io.onggi.container.ContainerId;
import io.onggi.launch.ExecResult;
import io.onggi.proto.ContainerFilter;
import io.onggi.proto.ContainerStatusRequest;
import io.onggi.proto.ContainerStatusResponse;
import io.onggi.proto.CreateContainerRequest;
import io.onggi.proto.CreateContainerResponse;
import io.onggi.proto.ExecSyncRequest;
import io.onggi.proto.ExecSyncResponse;
import io.onggi.proto.ListContainersRequest;
import io.onggi.proto.ListContainersResponse;
import io.onggi.proto.RemoveContainerRequest;
import io.onggi.proto.RemoveContainerResponse;
import io.onggi.proto.ReopenContainerLogRequest;
import io.onggi.proto.ReopenContainerLogResponse;
import io.onggi.proto.StartContainerRequest;
import io.onggi.proto.StartContainerResponse;
import io.onggi.proto.StopContainerRequest;
import io.onggi.proto.StopContainerResponse;
import io.onggi.proto.StreamContainersRequest;
import io.onggi.proto.StreamContainersResponse;
import io.onggi.proto.UpdateContainerResourcesRequest;
import io.onggi.proto.UpdateContainerResourcesResponse;
import io.onggi.sandbox.Sandbox;
import java.time.Duration;
import java.util.List;

/** The RPCs of containers. */
final class ContainerCalls {
  private final RuntimeVerbs verbs;
  private final VerboseInfo info;
  private final FormCache<Container, io.onggi.proto.Container> listed =
      new FormCache<>(c -> c.id().value(), ContainerAnswers::listed);

  ContainerCalls(RuntimeVerbs verbs, VerboseInfo info) {
    this.verbs = verbs;
    this.info = info;
  }

  CreateContainerResponse create(CreateContainerRequest request) {
    Sandbox sandbox = verbs.sandboxes().get(request.getPodSandboxId());
    ContainerId id = verbs.create().create(ContainerTranslation.spec(request, sandbox));
    return CreateContainerResponse.newBuilder().setContainerId(id.value()).build();
  }

  StartContainerResponse start(StartContainerRequest request) {
    verbs.start().start(request.getContainerId());
    return StartContainerResponse.getDefaultInstance();
  }

  StopContainerResponse stop(StopContainerRequest request) {
    verbs.stop().stop(request.getContainerId(), request.getTimeout());
    return StopContainerResponse.getDefaultInstance();
  }

  RemoveContainerResponse remove(RemoveContainerRequest request) {
    verbs.remove().remove(request.getContainerId());
    return RemoveContainerResponse.getDefaultInstance();
  }

  ContainerStatusResponse status(ContainerStatusRequest request) {
    Container container = verbs.containers().get(request.getContainerId());
    ContainerStatusResponse.Builder answer =
        ContainerStatusResponse.newBuilder().setStatus(ContainerAnswers.status(container));
    if (request.getVerbose()) {
      answer.putAllInfo(info.of(container));
    }
    return answer.build();
  }

  ListContainersResponse list(ListContainersRequest request) {
    ListContainersResponse.Builder answer = ListContainersResponse.newBuilder();
    matching(request.getFilter()).forEach(c -> answer.addContainers(listed.of(c)));
    return answer.build();
  }

  void stream(StreamContainersRequest request, StreamObserver<StreamContainersResponse> observer) {
    ItemStream.answer(
        observer,
        "StreamContainers",
        () -> matching(request.getFilter()),
        listed::of,
        items -> StreamContainersResponse.newBuilder().addAllContainers(items).build());
  }

  private List<Container> matching(ContainerFilter filter) {
    List<Container> all = verbs.containers().list();
    listed.trim(all.size(), id -> verbs.containers().find(id).isPresent());
    return all.stream().filter(c -> ContainerAnswers.matches(c, filter)).toList();
  }

  UpdateContainerResourcesResponse update(UpdateContainerResourcesRequest request) {
    verbs
        .update()
        .update(request.getContainerId(), ContainerTranslation.limits(request.getLinux()));
    return UpdateContainerResourcesResponse.getDefaultInstance();
  }

  ReopenContainerLogResponse reopen(ReopenContainerLogRequest request) {
    verbs.reopen().reopen(request.getContainerId());
    return ReopenContainerLogResponse.getDefaultInstance();
  }

  ExecSyncResponse execSync(ExecSyncRequest request) {
    Duration timeout = Duration.ofSeconds(Math.clamp(request.getTimeout(), 0, Integer.MAX_VALUE));
    ExecResult result = verbs.exec().exec(request.getContainerId(), request.getCmdList(), timeout);
    return ExecSyncResponse.newBuilder()
        .setStdout(UnsafeByteOperations.unsafeWrap(result.stdout()))
        .setStderr(UnsafeByteOperations.unsafeWrap(result.stderr()))
        .setExitCode(result.exitCode())
        .build();
  }
}
