package io.onggi.e2e.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.onggi.e2e.Node;
import io.onggi.proto.ContainerStatusRequest;
import io.onggi.proto.NamespaceMode;
import io.onggi.proto.PodSandboxStatusRequest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What verbose status tells of a start: each step, its beginning and its length. */
@ExtendWith(SharedNode.class)
class TimelineContractTest {
  private final Node node;

  TimelineContractTest(Node node) {
    this.node = node;
  }

  @Test
  void timeline_ofASandboxHasEveryStep() {
    try (Pod pod = Pod.run(node);
        Pod onHost =
            Pod.run(
                node,
                c ->
                    c.getLinuxBuilder()
                        .getSecurityContextBuilder()
                        .getNamespaceOptionsBuilder()
                        .setNetwork(NamespaceMode.NODE))) {
      JsonObject timeline = info(pod).getAsJsonObject("timeline");
      assertEquals(
          List.of("intent", "folder", "namespaces", "shm", "network", "files", "init", "journal"),
          names(timeline, "steps"));
      plausible(timeline);
      assertEquals(
          List.of("intent", "folder", "namespaces", "shm", "files", "init", "journal"),
          names(info(onHost).getAsJsonObject("timeline"), "steps"));
    }
  }

  @Test
  void timeline_ofAContainerHasEveryStepOfTheDaemonAndOfItsShim() {
    try (Pod pod = Pod.run(node)) {
      String created = pod.create("created");
      assertFalse(info(pod, created).has("timeline"), "it was not started");
      String container = pod.start("c");
      JsonObject info = info(pod, container);
      JsonObject timeline = info.getAsJsonObject("timeline");
      assertEquals(
          List.of("claim", "folders", "spec", "cgroup", "compile", "launch", "journal"),
          names(timeline, "steps"));
      plausible(timeline);
      List<String> shim = names(timeline, "shim");
      assertEquals(info.getAsJsonArray("launchPlan").size(), shim.size());
      assertTrue(shim.containsAll(List.of("CLONE", "OVERLAY", "PIVOT", "EXEC")), shim.toString());
      long launch = step(timeline, "launch").get("lengthMicros").getAsLong();
      for (JsonElement element : timeline.getAsJsonArray("shim")) {
        JsonObject entry = element.getAsJsonObject();
        assertTrue(
            entry.get("beginMicros").getAsLong() + entry.get("lengthMicros").getAsLong() <= launch,
            () -> entry + " is not within the launch of " + launch + " us");
      }
      String printed = node.onggi("plan", container);
      assertTrue(printed.contains("# start: cgroup "), printed);
      assertTrue(info.getAsJsonObject("runtimeSpec").has("process"), "the Spec");
    }
  }

  @Test
  void timeline_outlivesTheDaemon() {
    Node first = Node.start(List.of("--pod-cidr=10.85.0.0/24"), true);
    Pod pod = Pod.run(first);
    String container = pod.start("c");
    JsonElement ofPod = info(pod).get("timeline");
    JsonElement ofContainer = info(pod, container).get("timeline");
    try (Node second = first.restart(true, () -> {})) {
      Pod same = pod.on(second);
      assertEquals(ofPod, info(same).get("timeline"));
      assertEquals(ofContainer, info(same, container).get("timeline"));
    }
  }

  /** Steps follow each other, and together take no longer than the whole. */
  private static void plausible(JsonObject timeline) {
    long end = 0;
    for (JsonElement element : timeline.getAsJsonArray("steps")) {
      JsonObject step = element.getAsJsonObject();
      long begin = step.get("beginMicros").getAsLong();
      assertTrue(begin >= end - 1, timeline.toString()); // each is rounded down to a microsecond
      end = begin + step.get("lengthMicros").getAsLong();
    }
    long total = timeline.get("totalMicros").getAsLong();
    assertTrue(end <= total + 1 && total > 0, timeline.toString());
    assertTrue(timeline.get("startedAt").getAsString().startsWith("20"), timeline.toString());
  }

  private static JsonObject step(JsonObject timeline, String name) {
    for (JsonElement element : timeline.getAsJsonArray("steps")) {
      if (element.getAsJsonObject().get("name").getAsString().equals(name)) {
        return element.getAsJsonObject();
      }
    }
    throw new AssertionError("no step " + name + " in " + timeline);
  }

  private static List<String> names(JsonObject timeline, String list) {
    List<String> names = new ArrayList<>();
    JsonArray steps = timeline.getAsJsonArray(list);
    steps.forEach(s -> names.add(s.getAsJsonObject().get("name").getAsString()));
    return names;
  }

  private static JsonObject info(Pod pod) {
    return json(
        pod.cri()
            .runtime()
            .podSandboxStatus(
                PodSandboxStatusRequest.newBuilder()
                    .setPodSandboxId(pod.id())
                    .setVerbose(true)
                    .build())
            .getInfoOrThrow("info"));
  }

  private static JsonObject info(Pod pod, String container) {
    return json(
        pod.cri()
            .runtime()
            .containerStatus(
                ContainerStatusRequest.newBuilder()
                    .setContainerId(container)
                    .setVerbose(true)
                    .build())
            .getInfoOrThrow("info"));
  }

  private static JsonObject json(String text) {
    return JsonParser.parseString(text).getAsJsonObject();
  }
}
