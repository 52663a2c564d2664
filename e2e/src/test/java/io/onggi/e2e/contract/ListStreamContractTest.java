package io.onggi.e2e.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import io.grpc.Context;
import io.grpc.Context.CancellableContext;
import io.onggi.e2e.Node;
import io.onggi.proto.Container;
import io.onggi.proto.ContainerFilter;
import io.onggi.proto.ContainerStats;
import io.onggi.proto.ContainerStatsFilter;
import io.onggi.proto.Image;
import io.onggi.proto.ListContainersRequest;
import io.onggi.proto.ListImagesRequest;
import io.onggi.proto.ListPodSandboxRequest;
import io.onggi.proto.PodSandbox;
import io.onggi.proto.PodSandboxFilter;
import io.onggi.proto.PodSandboxStats;
import io.onggi.proto.PodSandboxStatsFilter;
import io.onggi.proto.StreamContainerStatsRequest;
import io.onggi.proto.StreamContainerStatsResponse;
import io.onggi.proto.StreamContainersRequest;
import io.onggi.proto.StreamContainersResponse;
import io.onggi.proto.StreamImagesRequest;
import io.onggi.proto.StreamImagesResponse;
import io.onggi.proto.StreamPodSandboxStatsRequest;
import io.onggi.proto.StreamPodSandboxStatsResponse;
import io.onggi.proto.StreamPodSandboxesRequest;
import io.onggi.proto.StreamPodSandboxesResponse;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Rule 53: a stream tells each item once, in messages of at least one, and then ends. */
@ExtendWith(SharedNode.class)
class ListStreamContractTest {
  private static final int MANY = 101; // one more than a message holds

  private final Node node;

  ListStreamContractTest(Node node) {
    this.node = node;
  }

  @Test
  void c53_podsAndContainersAreStreamedAsTheyAreListed() {
    try (Pod pod = Pod.run(node);
        Pod other = Pod.run(node)) {
      pod.create("one");
      pod.create("two");
      other.create("three");
      List<PodSandbox> pods = streamPods(PodSandboxFilter.getDefaultInstance());
      assertEquals(
          node.cri()
              .runtime()
              .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
              .getItemsList(),
          pods);
      assertEquals(2, pods.size());
      List<Container> containers = streamContainers(ContainerFilter.getDefaultInstance());
      assertEquals(
          node.cri()
              .runtime()
              .listContainers(ListContainersRequest.getDefaultInstance())
              .getContainersList(),
          containers);
      assertEquals(3, containers.size());
    }
  }

  @Test
  void c53_filtersHoldAndAnEmptyListIsAnEmptyStream() {
    try (Pod pod = Pod.run(node);
        Pod other = Pod.run(node)) {
      pod.create("one");
      assertEquals(
          List.of(pod.id()),
          streamPods(PodSandboxFilter.newBuilder().setId(pod.id()).build()).stream()
              .map(PodSandbox::getId)
              .toList());
      assertEquals(
          List.of(),
          streamContainers(ContainerFilter.newBuilder().setPodSandboxId(other.id()).build()));
    }
  }

  @Test
  void c53_moreThanOneMessageHoldsComesInSeveral() {
    try (Pod pod = Pod.run(node)) {
      List<String> created = new ArrayList<>();
      for (int i = 0; i < MANY; i++) {
        created.add(pod.create("c" + i));
      }
      Iterator<StreamContainersResponse> messages =
          node.cri().runtime().streamContainers(StreamContainersRequest.getDefaultInstance());
      List<Integer> sizes = new ArrayList<>();
      List<String> ids = new ArrayList<>();
      messages.forEachRemaining(
          message -> {
            sizes.add(message.getContainersCount());
            message.getContainersList().forEach(c -> ids.add(c.getId()));
          });
      assertEquals(created, ids);
      assertTrue(sizes.size() > 1, sizes.toString());
      assertFalse(sizes.contains(0), sizes.toString());
    }
  }

  @Test
  void c53_largeItemsMakeSmallMessages() {
    String large = "x".repeat(200_000);
    try (Pod pod = Pod.run(node)) {
      for (int i = 0; i < 10; i++) {
        pod.create("c" + i, c -> c.putAnnotations("large", large));
      }
      Iterator<StreamContainersResponse> messages =
          node.cri().runtime().streamContainers(StreamContainersRequest.getDefaultInstance());
      List<Integer> bytes = new ArrayList<>();
      messages.forEachRemaining(message -> bytes.add(message.getSerializedSize()));
      assertEquals(5, bytes.size(), bytes.toString());
    }
  }

  @Test
  void c53_aClientThatLeavesInTheMiddleHurtsNobody() {
    try (Pod pod = Pod.run(node)) {
      for (int i = 0; i < 10; i++) {
        pod.create("c" + i, c -> c.putAnnotations("large", "x".repeat(200_000)));
      }
      for (int i = 0; i < 20; i++) {
        CancellableContext context = Context.current().withCancellation();
        context.run(
            () ->
                node.cri()
                    .runtime()
                    .streamContainers(StreamContainersRequest.getDefaultInstance())
                    .next());
        context.cancel(null);
      }
      assertEquals(10, streamContainers(ContainerFilter.getDefaultInstance()).size());
    }
    assertFalse(node.log().contains("StreamContainers:"), node::log);
  }

  @Test
  void c53_statsAreStreamedForWhatRuns() {
    try (Pod pod = Pod.run(node)) {
      String running = pod.start("running");
      pod.create("created");
      List<ContainerStats> containers =
          all(
              node.cri()
                  .runtime()
                  .streamContainerStats(
                      StreamContainerStatsRequest.newBuilder()
                          .setFilter(ContainerStatsFilter.newBuilder().setPodSandboxId(pod.id()))
                          .build()),
              StreamContainerStatsResponse::getContainerStatsList);
      assertEquals(
          List.of(running), containers.stream().map(s -> s.getAttributes().getId()).toList());
      List<PodSandboxStats> pods =
          all(
              node.cri()
                  .runtime()
                  .streamPodSandboxStats(
                      StreamPodSandboxStatsRequest.newBuilder()
                          .setFilter(PodSandboxStatsFilter.newBuilder().setId(pod.id()))
                          .build()),
              StreamPodSandboxStatsResponse::getPodSandboxStatsList);
      assertEquals(List.of(pod.id()), pods.stream().map(s -> s.getAttributes().getId()).toList());
    }
  }

  @Test
  void c53_imagesAreStreamedAsTheyAreListed() {
    List<Image> images =
        all(
            node.cri().images().streamImages(StreamImagesRequest.getDefaultInstance()),
            StreamImagesResponse::getImagesList);
    assertEquals(
        node.cri().images().listImages(ListImagesRequest.getDefaultInstance()).getImagesList(),
        images);
    assertFalse(images.isEmpty());
  }

  private List<PodSandbox> streamPods(PodSandboxFilter filter) {
    return all(
        node.cri()
            .runtime()
            .streamPodSandboxes(StreamPodSandboxesRequest.newBuilder().setFilter(filter).build()),
        StreamPodSandboxesResponse::getPodSandboxesList);
  }

  private List<Container> streamContainers(ContainerFilter filter) {
    return all(
        node.cri()
            .runtime()
            .streamContainers(StreamContainersRequest.newBuilder().setFilter(filter).build()),
        StreamContainersResponse::getContainersList);
  }

  private static <M, I> List<I> all(Iterator<M> messages, Function<M, List<I>> items) {
    ImmutableList.Builder<I> found = ImmutableList.builder();
    messages.forEachRemaining(
        message -> {
          List<I> some = items.apply(message);
          assertFalse(some.isEmpty(), "a message without an item");
          found.addAll(some);
        });
    return found.build();
  }
}
