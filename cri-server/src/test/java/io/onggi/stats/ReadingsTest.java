package io.onggi.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.cgroup.Cgroups;
import io.onggi.cgroup.Limits;
import io.onggi.container.Container;
import io.onggi.container.ContainerId;
import io.onggi.container.ContainerLayout;
import io.onggi.container.ContainerSpec;
import io.onggi.container.ContainerState;
import io.onggi.container.Containers;
import io.onggi.container.Identity;
import io.onggi.container.seccomp.SeccompChoice;
import io.onggi.error.CriException;
import io.onggi.network.Attachment;
import io.onggi.network.IpPrefix;
import io.onggi.network.MacAddress;
import io.onggi.sandbox.NamespaceModes;
import io.onggi.sandbox.Sandbox;
import io.onggi.sandbox.SandboxId;
import io.onggi.sandbox.SandboxName;
import io.onggi.sandbox.SandboxSpec;
import io.onggi.sandbox.SandboxState;
import io.onggi.sandbox.Sandboxes;
import io.onggi.store.Journal;
import io.onggi.store.RecordJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers and pods of a journal, cgroups of a directory tree that looks like v2's. */
class ReadingsTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_000_000);
  private static final ContainerState RUNNING = new ContainerState.Running(1, 1, NOW);
  private static final SandboxId POD = new SandboxId("a".repeat(64));
  private static final SandboxId OTHER_POD = new SandboxId("b".repeat(64));
  private static final ContainerId WEB = new ContainerId("1".repeat(64));
  private static final ContainerId SIDE = new ContainerId("2".repeat(64));
  private static final ContainerId ENDED = new ContainerId("3".repeat(64));
  private static final ContainerId OTHER = new ContainerId("4".repeat(64));

  @TempDir Path directory;

  private final Deque<Runnable> background = new ArrayDeque<>();
  private long tick;
  private Journal journal;
  private ContainerReadings readings;
  private PodReadings pods;
  private ContainerLayout layout;

  @BeforeEach
  void containersAndCgroups() throws IOException {
    Path root = Files.createDirectories(directory.resolve("cgroup"));
    Files.writeString(root.resolve("cgroup.controllers"), "cpu memory\n");
    journal = Journal.open(directory.resolve("journal"), Journal.Options.ofThisBoot(false));
    sandbox(POD, "web", "/pods/web", Map.of("app", "web"));
    sandbox(OTHER_POD, "other", "", Map.of());
    container(WEB, POD, Map.of("app", "web", "tier", "1"), RUNNING, 100);
    container(SIDE, POD, Map.of("app", "web"), RUNNING, 200);
    container(
        ENDED,
        POD,
        Map.of("app", "web"),
        new ContainerState.Exited(NOW, NOW, 0, "Completed", ""),
        0);
    container(OTHER, OTHER_POD, Map.of("app", "db"), RUNNING, 300);
    cgroup("/pods/web", 1000);
    Containers containers = new Containers(journal, _ -> {});
    containers.load();
    Sandboxes sandboxes = new Sandboxes(journal, _ -> {});
    sandboxes.load();
    Cgroups cgroups = Cgroups.detect(root);
    layout = new ContainerLayout(directory.resolve("data"), directory.resolve("state"));
    InstantSource clock = () -> NOW;
    WritableLayers layers = new WritableLayers(layout, clock, () -> tick, background::add);
    readings = new ContainerReadings(containers, cgroups, layers, clock, () -> tick);
    pods = new PodReadings(sandboxes, readings, cgroups, clock, () -> tick);
  }

  @AfterEach
  void close() {
    journal.close();
  }

  private void sandbox(SandboxId id, String name, String parent, Map<String, String> labels) {
    SandboxSpec spec =
        new SandboxSpec(
            new SandboxName(name, "default", "uid-" + name, 0),
            name,
            "",
            new SandboxSpec.Dns(List.of(), List.of(), List.of()),
            List.of(),
            labels,
            Map.of(),
            parent,
            Map.of(),
            NamespaceModes.POD_SHARED,
            false,
            "");
    Attachment attachment =
        new Attachment(
            id.value(),
            "lo",
            "eth0",
            List.of(IpPrefix.parse("10.1.2.3/24")),
            List.of(),
            MacAddress.parse("02:00:00:00:00:01"),
            List.of());
    Sandbox sandbox =
        new Sandbox(
            id, spec, NOW, new SandboxState.Ready(Optional.of(attachment), Optional.empty()));
    journal.put("sandbox/" + id.value(), RecordJson.toBytes(sandbox));
  }

  private void container(
      ContainerId id, SandboxId pod, Map<String, String> labels, ContainerState state, long cpu)
      throws IOException {
    ContainerSpec spec =
        new ContainerSpec(
            pod,
            "c" + id.value().charAt(0),
            0,
            "image",
            "",
            List.of(),
            List.of(),
            "",
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            labels,
            Map.of(),
            "",
            false,
            false,
            false,
            "",
            Limits.NONE,
            OptionalInt.empty(),
            security());
    String path = "/pods/" + id.value();
    Container container =
        new Container(
            id, spec, "sha256:0", "", path, 15, new Identity(0, 0, List.of(), "/"), NOW, state);
    journal.put("container/" + id.value(), RecordJson.toBytes(container));
    cgroup(path, cpu);
  }

  private static ContainerSpec.SecuritySpec security() {
    return new ContainerSpec.SecuritySpec(
        false,
        List.of(),
        List.of(),
        List.of(),
        NamespaceModes.POD_SHARED,
        Optional.empty(),
        Optional.empty(),
        "",
        List.of(),
        false,
        false,
        false,
        List.of(),
        List.of(),
        new SeccompChoice.Unconfined());
  }

  private void cgroup(String path, long cpuMicros) throws IOException {
    Path made = Files.createDirectories(Path.of(directory + "/cgroup" + path));
    Files.writeString(made.resolve("cpu.stat"), "usage_usec " + cpuMicros + "\n");
    Files.writeString(made.resolve("memory.current"), "5000\n");
    Files.writeString(made.resolve("pids.current"), "7\n");
  }

  private List<ContainerId> ids(StatsFilter filter) {
    return readings.list(filter).stream().map(r -> r.container().id()).sorted(ID_ORDER).toList();
  }

  private static final java.util.Comparator<ContainerId> ID_ORDER =
      java.util.Comparator.comparing(ContainerId::value);

  @Test
  void a_list_has_the_running_containers_only() {
    assertEquals(List.of(WEB, SIDE, OTHER), ids(StatsFilter.ALL));
  }

  @Test
  void all_that_a_filter_gives_must_match() {
    assertEquals(List.of(SIDE), ids(new StatsFilter(SIDE.value(), "", Map.of())));
    assertEquals(List.of(WEB, SIDE), ids(new StatsFilter("", POD.value(), Map.of())));
    assertEquals(List.of(WEB, SIDE), ids(new StatsFilter("", "", Map.of("app", "web"))));
    assertEquals(
        List.of(WEB), ids(new StatsFilter("", POD.value(), Map.of("app", "web", "tier", "1"))));
    assertEquals(List.of(), ids(new StatsFilter(OTHER.value(), POD.value(), Map.of("app", "db"))));
    assertEquals(List.of(), ids(new StatsFilter("", "", Map.of("app", "we"))));
    assertEquals(List.of(), ids(new StatsFilter(ENDED.value(), "", Map.of())));
  }

  @Test
  void a_missing_container_or_pod_is_not_found_by_name() {
    CriException missing =
        assertThrows(CriException.NotFound.class, () -> readings.one("9".repeat(64)));
    assertTrue(String.valueOf(missing.getMessage()).contains("9".repeat(64)));
    assertThrows(CriException.NotFound.class, () -> pods.one("9".repeat(64)));
  }

  @Test
  void a_container_that_has_ended_has_no_cpu_and_memory_but_its_layer() throws IOException {
    Files.createDirectories(layout.upper(ENDED));
    assertEquals(Optional.empty(), readings.one(ENDED.value()).layer());
    background.remove().run();
    ContainerReading reading = readings.one(ENDED.value());
    assertEquals(Optional.empty(), reading.sample());
    assertEquals(1, reading.layer().orElseThrow().inodes());
  }

  @Test
  void a_container_that_ended_between_the_looks_is_left_out() throws IOException {
    Path cgroup = Path.of(directory + "/cgroup/pods/" + SIDE.value());
    for (String file : List.of("cpu.stat", "memory.current", "pids.current")) {
      Files.delete(cgroup.resolve(file));
    }
    Files.delete(cgroup);
    assertEquals(List.of(WEB, OTHER), ids(StatsFilter.ALL));
  }

  @Test
  void the_second_call_knows_the_rate() throws IOException {
    assertEquals(OptionalLong.empty(), readings.one(WEB.value()).nanoCores());
    cgroup("/pods/" + WEB.value(), 100 + 500_000);
    tick += 2_000_000_000L;
    assertEquals(OptionalLong.of(250_000_000), readings.one(WEB.value()).nanoCores());
  }

  @Test
  void layers_are_walked_in_the_background_and_again_only_when_old() throws IOException {
    Path upper = Files.createDirectories(layout.upper(WEB));
    assertEquals(Optional.empty(), readings.one(WEB.value()).layer());
    assertEquals(Optional.empty(), readings.one(WEB.value()).layer());
    assertEquals(1, background.size(), "one walk however many ask");
    background.remove().run();
    Files.writeString(upper.resolve("new"), "x");
    assertEquals(1, readings.one(WEB.value()).layer().orElseThrow().inodes());
    assertEquals(0, background.size());
    tick += WritableLayers.PERIOD.toNanos();
    assertEquals(1, readings.one(WEB.value()).layer().orElseThrow().inodes());
    background.remove().run();
    WritableLayer layer = readings.one(WEB.value()).layer().orElseThrow();
    assertEquals(2, layer.inodes());
    assertTrue(layer.bytes() > 0);
    assertEquals(directory.resolve("data/containers"), layer.mountpoint());
  }

  @Test
  void a_pods_figures_are_its_cgroups_and_its_network_the_hosts_end_swapped() {
    PodReading pod = pods.one(POD.value());
    assertEquals(1_000_000, pod.usage().orElseThrow().sample().cpuNanos());
    assertEquals(OptionalLong.of(7), pod.tasks());
    assertEquals("eth0", pod.network().orElseThrow().name());
    assertEquals(2, pod.containers().size());
  }

  @Test
  void a_pod_without_a_cgroup_of_its_own_has_its_containers_figures_only() {
    PodReading pod = pods.list(new StatsFilter(OTHER_POD.value(), "", Map.of())).getFirst();
    assertEquals(Optional.empty(), pod.usage());
    assertEquals(1, pod.containers().size());
    assertEquals(2, pods.list(StatsFilter.ALL).size());
    assertEquals(1, pods.list(new StatsFilter("", "", Map.of("app", "web"))).size());
  }
}
