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
import io.onggi.stats.ContainerReading;
import io.onggi.stats.ContainerReadings;
import io.onggi.stats.PodReading;
import io.onggi.stats.PodReadings;
import io.onggi.stats.StatsFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** The six RPCs that tell what containers and pods use. */
public final class StatsCalls {
  /** Items a streamed message: far below the 16 MiB that the kubelet takes in one. */
  private static final int BATCH = 100;

  private final ContainerReadings containers;
  private final PodReadings pods;

  public StatsCalls(ContainerReadings containers, PodReadings pods) {
    this.containers = containers;
    this.pods = pods;
  }

  void containerStats(
      ContainerStatsRequest request, StreamObserver<ContainerStatsResponse> observer) {
    Answer.to(
        observer,
        "ContainerStats",
        () ->
            ContainerStatsResponse.newBuilder()
                .setStats(StatsAnswers.container(containers.one(request.getContainerId())))
                .build());
  }

  void listContainerStats(
      ListContainerStatsRequest request, StreamObserver<ListContainerStatsResponse> observer) {
    Answer.to(
        observer,
        "ListContainerStats",
        () -> {
          ListContainerStatsResponse.Builder answer = ListContainerStatsResponse.newBuilder();
          containers
              .list(filter(request.getFilter()))
              .forEach(reading -> answer.addStats(StatsAnswers.container(reading)));
          return answer.build();
        });
  }

  void streamContainerStats(
      StreamContainerStatsRequest request, StreamObserver<StreamContainerStatsResponse> observer) {
    inBatches(
        observer,
        "StreamContainerStats",
        () -> containers.list(filter(request.getFilter())),
        (List<ContainerReading> batch) ->
            StreamContainerStatsResponse.newBuilder()
                .addAllContainerStats(batch.stream().map(StatsAnswers::container).toList())
                .build());
  }

  void podSandboxStats(
      PodSandboxStatsRequest request, StreamObserver<PodSandboxStatsResponse> observer) {
    Answer.to(
        observer,
        "PodSandboxStats",
        () ->
            PodSandboxStatsResponse.newBuilder()
                .setStats(StatsAnswers.pod(pods.one(request.getPodSandboxId())))
                .build());
  }

  void listPodSandboxStats(
      ListPodSandboxStatsRequest request, StreamObserver<ListPodSandboxStatsResponse> observer) {
    Answer.to(
        observer,
        "ListPodSandboxStats",
        () -> {
          ListPodSandboxStatsResponse.Builder answer = ListPodSandboxStatsResponse.newBuilder();
          pods.list(filter(request.getFilter()))
              .forEach(reading -> answer.addStats(StatsAnswers.pod(reading)));
          return answer.build();
        });
  }

  void streamPodSandboxStats(
      StreamPodSandboxStatsRequest request,
      StreamObserver<StreamPodSandboxStatsResponse> observer) {
    inBatches(
        observer,
        "StreamPodSandboxStats",
        () -> pods.list(filter(request.getFilter())),
        (List<PodReading> batch) ->
            StreamPodSandboxStatsResponse.newBuilder()
                .addAllPodSandboxStats(batch.stream().map(StatsAnswers::pod).toList())
                .build());
  }

  /** Every item once, messages of at least one item, then the end. */
  private static <I, A> void inBatches(
      StreamObserver<A> observer,
      String rpc,
      Supplier<List<I>> items,
      Function<List<I>, A> message) {
    Answer.to(
        new Messages<A>(observer),
        rpc,
        () -> {
          List<I> all = items.get();
          List<A> messages = new ArrayList<>();
          for (int from = 0; from < all.size(); from += BATCH) {
            messages.add(message.apply(all.subList(from, Math.min(all.size(), from + BATCH))));
          }
          return messages;
        });
  }

  /** Sends a list of messages one by one. */
  private record Messages<A>(StreamObserver<A> observer) implements StreamObserver<List<A>> {
    @Override
    public void onNext(List<A> messages) {
      messages.forEach(observer::onNext);
    }

    @Override
    public void onError(Throwable failure) {
      observer.onError(failure);
    }

    @Override
    public void onCompleted() {
      observer.onCompleted();
    }
  }

  private static StatsFilter filter(ContainerStatsFilter given) {
    return new StatsFilter(given.getId(), given.getPodSandboxId(), given.getLabelSelectorMap());
  }

  private static StatsFilter filter(PodSandboxStatsFilter given) {
    return new StatsFilter(given.getId(), "", given.getLabelSelectorMap());
  }
}
