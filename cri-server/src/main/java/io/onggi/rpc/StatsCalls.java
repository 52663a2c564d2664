package io.onggi.rpc;

import io.grpc.stub.StreamObserver;
import io.onggi.proto.ContainerStatsFilter;
import io.onggi.proto.ContainerStatsRequest;
import io.onggi.proto.ContainerStatsResponse;
import io.onggi.proto.ListContainerStatsRequest;
import io.onggi.proto.ListContainerStatsResponse;
import io.onggi.proto.ListPodSandboxStatsRequest;
import io.onggi.proto.ListPodSandboxStatsResponse;
import io.onggi.proto.PodSandboxStatsFilter;
import io.onggi.proto.PodSandboxStatsRequest;
import io.onggi.proto.PodSandboxStatsResponse;
import io.onggi.proto.StreamContainerStatsRequest;
import io.onggi.proto.StreamContainerStatsResponse;
import io.onggi.proto.StreamPodSandboxStatsRequest;
import io.onggi.proto.StreamPodSandboxStatsResponse;
import io.onggi.stats.ContainerReadings;
import io.onggi.stats.PodReadings;
import io.onggi.stats.StatsFilter;

/** The six RPCs that tell what containers and pods use. */
public final class StatsCalls {
  private final ContainerReadings containers;
  private final PodReadings pods;

  public StatsCalls(ContainerReadings containers, PodReadings pods) {
    this.containers = containers;
    this.pods = pods;
  }

  ContainerStatsResponse container(ContainerStatsRequest request) {
    return ContainerStatsResponse.newBuilder()
        .setStats(StatsAnswers.container(containers.one(request.getContainerId())))
        .build();
  }

  ListContainerStatsResponse listContainers(ListContainerStatsRequest request) {
    ListContainerStatsResponse.Builder answer = ListContainerStatsResponse.newBuilder();
    containers
        .list(filter(request.getFilter()))
        .forEach(reading -> answer.addStats(StatsAnswers.container(reading)));
    return answer.build();
  }

  void streamContainers(
      StreamContainerStatsRequest request, StreamObserver<StreamContainerStatsResponse> observer) {
    ItemStream.answer(
        observer,
        "StreamContainerStats",
        () -> containers.list(filter(request.getFilter())),
        StatsAnswers::container,
        items -> StreamContainerStatsResponse.newBuilder().addAllContainerStats(items).build());
  }

  PodSandboxStatsResponse pod(PodSandboxStatsRequest request) {
    return PodSandboxStatsResponse.newBuilder()
        .setStats(StatsAnswers.pod(pods.one(request.getPodSandboxId())))
        .build();
  }

  ListPodSandboxStatsResponse listPods(ListPodSandboxStatsRequest request) {
    ListPodSandboxStatsResponse.Builder answer = ListPodSandboxStatsResponse.newBuilder();
    pods.list(filter(request.getFilter()))
        .forEach(reading -> answer.addStats(StatsAnswers.pod(reading)));
    return answer.build();
  }

  void streamPods(
      StreamPodSandboxStatsRequest request,
      StreamObserver<StreamPodSandboxStatsResponse> observer) {
    ItemStream.answer(
        observer,
        "StreamPodSandboxStats",
        () -> pods.list(filter(request.getFilter())),
        StatsAnswers::pod,
        items -> StreamPodSandboxStatsResponse.newBuilder().addAllPodSandboxStats(items).build());
  }

  private static StatsFilter filter(ContainerStatsFilter given) {
    return new StatsFilter(given.getId(), given.getPodSandboxId(), given.getLabelSelectorMap());
  }

  private static StatsFilter filter(PodSandboxStatsFilter given) {
    return new StatsFilter(given.getId(), "", given.getLabelSelectorMap());
  }
}
