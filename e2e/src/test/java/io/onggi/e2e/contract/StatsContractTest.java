package io.onggi.e2e.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.e2e.Node;
import io.onggi.proto.ContainerStats;
import io.onggi.proto.ContainerStatsFilter;
import io.onggi.proto.ContainerStatsRequest;
import io.onggi.proto.ListContainerStatsRequest;
import io.onggi.proto.PodSandboxStatsRequest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The rules of the contract for stats; what the figures are is the stats package's own matter. */
@ExtendWith(SharedNode.class)
class StatsContractTest {
  private final Node node;

  StatsContractTest(Node node) {
    this.node = node;
  }

  @Test
  void c48_statsOfAMissingIdAreNotFoundAndNameIt() {
    Fails.notFound(
        "no-such",
        () ->
            node.cri()
                .runtime()
                .containerStats(
                    ContainerStatsRequest.newBuilder().setContainerId("no-such").build()));
    Fails.notFound(
        "no-such",
        () ->
            node.cri()
                .runtime()
                .podSandboxStats(
                    PodSandboxStatsRequest.newBuilder().setPodSandboxId("no-such").build()));
  }

  @Test
  void c49_theListHoldsWhatRunsWithItsAnnotationsAndTimes() {
    Map<String, String> annotations = Map.of("odd", "\u202e\ud83e\udd52");
    try (Pod pod = Pod.run(node)) {
      String running = pod.start("running", c -> c.putAllAnnotations(annotations));
      pod.create("created");
      pod.awaitExit(pod.start("ended", "true"));
      List<ContainerStats> list =
          node.cri()
              .runtime()
              .listContainerStats(
                  ListContainerStatsRequest.newBuilder()
                      .setFilter(ContainerStatsFilter.newBuilder().setPodSandboxId(pod.id()))
                      .build())
              .getStatsList();
      assertEquals(1, list.size(), list.toString());
      assertEquals(running, list.getFirst().getAttributes().getId());
      assertEquals(annotations, list.getFirst().getAttributes().getAnnotationsMap());
      assertTrue(list.getFirst().getCpu().getTimestamp() > 0, list.toString());
      assertTrue(list.getFirst().getMemory().getTimestamp() > 0, list.toString());
    }
  }
}
