package io.onggi.rpc;

import io.grpc.stub.StreamObserver;
import io.onggi.proto.ListPodSandboxRequest;
import io.onggi.proto.ListPodSandboxResponse;
import io.onggi.proto.PodSandbox;
import io.onggi.proto.PodSandboxFilter;
import io.onggi.proto.PodSandboxStatusRequest;
import io.onggi.proto.PodSandboxStatusResponse;
import io.onggi.proto.RemovePodSandboxRequest;
import io.onggi.proto.RemovePodSandboxResponse;
import io.onggi.proto.RunPodSandboxRequest;
import io.onggi.proto.RunPodSandboxResponse;
import io.onggi.proto.StopPodSandboxRequest;
import io.onggi.proto.StopPodSandboxResponse;
import io.onggi.proto.StreamPodSandboxesRequest;
import io.onggi.proto.StreamPodSandboxesResponse;
import io.onggi.proto.UpdatePodSandboxResourcesRequest;
import io.onggi.proto.UpdatePodSandboxResourcesResponse;
import io.onggi.sandbox.Sandbox;
import java.time.InstantSource;
import java.util.List;

/** The RPCs of pod sandboxes. */
final class SandboxCalls {
  private final RuntimeVerbs verbs;
  private final VerboseInfo info;
  private final InstantSource clock;
  private final FormCache<Sandbox, PodSandbox> listed =
      new FormCache<>(s -> s.id().value(), SandboxAnswers::listed);

  SandboxCalls(RuntimeVerbs verbs, VerboseInfo info, InstantSource clock) {
    this.verbs = verbs;
    this.info = info;
    this.clock = clock;
  }

  RunPodSandboxResponse run(RunPodSandboxRequest request) {
    return RunPodSandboxResponse.newBuilder()
        .setPodSandboxId(verbs.run().run(SandboxTranslation.spec(request)).value())
        .build();
  }

  StopPodSandboxResponse stop(StopPodSandboxRequest request) {
    verbs.stopSandbox().stop(request.getPodSandboxId());
    return StopPodSandboxResponse.getDefaultInstance();
  }

  RemovePodSandboxResponse remove(RemovePodSandboxRequest request) {
    verbs.removeSandbox().remove(request.getPodSandboxId());
    return RemovePodSandboxResponse.getDefaultInstance();
  }

  UpdatePodSandboxResourcesResponse update(UpdatePodSandboxResourcesRequest request) {
    verbs
        .updateSandbox()
        .update(
            request.getPodSandboxId(),
            ContainerTranslation.limits(request.getOverhead()),
            ContainerTranslation.limits(request.getResources()));
    return UpdatePodSandboxResourcesResponse.getDefaultInstance();
  }

  PodSandboxStatusResponse status(PodSandboxStatusRequest request) {
    Sandbox sandbox = verbs.sandboxes().get(request.getPodSandboxId());
    PodSandboxStatusResponse.Builder answer =
        PodSandboxStatusResponse.newBuilder()
            .setStatus(SandboxAnswers.status(sandbox))
            .setTimestamp(Times.nanos(clock.instant()));
    verbs
        .containers()
        .of(sandbox.id())
        .forEach(c -> answer.addContainersStatuses(ContainerAnswers.status(c)));
    if (request.getVerbose()) {
      answer.putAllInfo(info.of(sandbox));
    }
    return answer.build();
  }

  ListPodSandboxResponse list(ListPodSandboxRequest request) {
    ListPodSandboxResponse.Builder answer = ListPodSandboxResponse.newBuilder();
    matching(request.getFilter()).forEach(s -> answer.addItems(listed.of(s)));
    return answer.build();
  }

  void stream(
      StreamPodSandboxesRequest request, StreamObserver<StreamPodSandboxesResponse> observer) {
    ItemStream.answer(
        observer,
        "StreamPodSandboxes",
        () -> matching(request.getFilter()),
        listed::of,
        items -> StreamPodSandboxesResponse.newBuilder().addAllPodSandboxes(items).build());
  }

  private List<Sandbox> matching(PodSandboxFilter filter) {
    List<Sandbox> all = verbs.sandboxes().list();
    listed.trim(all.size(), id -> verbs.sandboxes().find(id).isPresent());
    return all.stream().filter(s -> SandboxAnswers.matches(s, filter)).toList();
  }
}
