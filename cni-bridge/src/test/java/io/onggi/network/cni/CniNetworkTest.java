package io.onggi.network.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.onggi.error.CriException;
import io.onggi.linux.Namespaces;
import io.onggi.linux.Namespaces.Kind;
import io.onggi.network.AttachRequest;
import io.onggi.network.Attachment;
import io.onggi.network.IpPrefix;
import io.onggi.network.NetworkState;
import io.onggi.network.PodIdentity;
import io.onggi.network.PortMapping;
import io.onggi.network.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CniNetworkTest {
  private static final String TWO_PLUGINS =
      """
      {"cniVersion": "VERSION", "name": "pods", "plugins": [
        {"type": "bridge", "bridge": "cni0"},
        {"type": "portmap", "capabilities": {"portMappings": true, "bandwidth": true}}]}
      """;

  @TempDir Path folder;
  private final RecordedPlugins plugins = new RecordedPlugins();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private Path netns = Path.of("/");
  private Path file = Path.of("/");

  @BeforeEach
  void prepare() throws IOException {
    netns = folder.resolve("netns");
    Namespaces.create(Set.of(Kind.NET), Map.of(Kind.NET, netns), Optional.empty(), Map.of());
    Files.createDirectory(folder.resolve("net.d"));
    file = folder.resolve("net.d/10-pods.conflist");
    configure("1.0.0");
  }

  @AfterEach
  void cleanUp() {
    timer.shutdownNow();
    Namespaces.unpin(netns);
  }

  private void configure(String version) throws IOException {
    Files.writeString(file, TWO_PLUGINS.replace("VERSION", version));
  }

  private CniNetwork network() {
    return network(timer);
  }

  private CniNetwork network(ScheduledExecutorService retries) {
    return new CniNetwork(
        new CniSettings(
            folder.resolve("net.d"),
            folder.resolve("attachments"),
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofMillis(5),
            Duration.ofMillis(20)),
        plugins,
        retries);
  }

  private AttachRequest request() {
    return new AttachRequest(
        "pod1",
        netns,
        List.of(
            new PortMapping(Protocol.TCP, 80, 8080, Optional.empty()),
            new PortMapping(Protocol.UDP, 53, 0, Optional.empty())),
        new PodIdentity(
            "shop",
            "web",
            "u-1",
            Map.of("kubernetes.io/ingress-bandwidth", "10M"),
            new PodIdentity.Dns(List.of(), List.of(), List.of()),
            ""));
  }

  private List<Path> kept() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("attachments"))) {
      return files.toList();
    }
  }

  @Test
  void add_runs_forwards_and_hands_each_result_on() {
    Attachment made = network().attach(request());
    assertEquals(List.of("ADD bridge", "ADD portmap"), plugins.said());
    assertFalse(plugins.calls.get(0).configuration().has("prevResult"));
    assertFalse(plugins.calls.get(0).configuration().has("runtimeConfig"));
    JsonObject second = plugins.calls.get(1).configuration();
    assertTrue(second.has("prevResult"));
    assertEquals(
        "{\"bandwidth\":{\"ingressRate\":10000000,\"ingressBurst\":2147483647},"
            + "\"portMappings\":[{\"hostPort\":8080,\"containerPort\":80,\"protocol\":\"tcp\"}]}",
        second.get("runtimeConfig").toString());
    assertEquals(
        "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web;"
            + "K8S_POD_INFRA_CONTAINER_ID=pod1;K8S_POD_UID=u-1",
        plugins.calls.get(0).invocation().arguments());
    assertEquals(List.of(IpPrefix.parse("10.5.0.9/24")), made.addresses());
    assertEquals("veth7", made.hostInterface());
    assertEquals("0a:00:00:00:00:03", made.mac().toString());
  }

  @Test
  void a_second_attach_asks_nobody() {
    CniNetwork network = network();
    Attachment first = network.attach(request());
    assertEquals(first, network.attach(request()));
    assertEquals(2, plugins.calls.size());
  }

  @Test
  void del_runs_backwards_with_what_add_had_though_the_configuration_is_gone() throws IOException {
    network().attach(request());
    Files.delete(file);
    CniNetwork restarted = network();
    assertEquals(Set.of("pod1"), restarted.attachments().keySet());
    plugins.calls.clear();
    restarted.detach("pod1");
    assertEquals(List.of("DEL portmap", "DEL bridge"), plugins.said());
    assertEquals("cni0", plugins.calls.get(1).configuration().get("bridge").getAsString());
    assertTrue(plugins.calls.get(0).configuration().has("prevResult"));
    assertEquals(Optional.of(netns.toString()), plugins.calls.get(0).invocation().netns());
    assertEquals(List.of(), kept());
    restarted.detach("pod1");
    assertEquals(2, plugins.calls.size());
  }

  @Test
  void an_add_that_fails_is_taken_back_whole_and_nothing_is_kept() throws IOException {
    plugins.fail("ADD portmap", "port 8080 is taken");
    CriException e = assertThrows(CriException.class, () -> network().attach(request()));
    assertInstanceOf(CriException.Unavailable.class, e);
    assertEquals("port 8080 is taken", e.getMessage());
    assertEquals(List.of("ADD bridge", "ADD portmap", "DEL portmap", "DEL bridge"), plugins.said());
    assertEquals(List.of(), kept());
  }

  @Test
  void an_add_without_an_address_is_a_failure() throws IOException {
    plugins.answer("{\"cniVersion\": \"1.0.0\"}");
    CriException e = assertThrows(CriException.class, () -> network().attach(request()));
    assertTrue(String.valueOf(e.getMessage()).contains("gave sandbox pod1 no address"));
    assertEquals(List.of(), kept());
    plugins.answer("{\"ips\": [{\"address\": 7}]}");
    e = assertThrows(CriException.class, () -> network().attach(request()));
    assertTrue(String.valueOf(e.getMessage()).contains("address is not a string"));
  }

  @Test
  void a_del_that_fails_holds_nobody_and_is_tried_until_it_succeeds() throws Exception {
    CniNetwork network = network();
    network.attach(request());
    plugins.fail("DEL portmap", "iptables is locked");
    network.detach("pod1");
    assertEquals(Set.of(), network.attachments().keySet());
    assertEquals(Set.of("pod1"), network.pendingRemovals());
    assertTrue(plugins.said().contains("DEL bridge"), "the address goes back all the same");
    assertEquals(1, kept().size());
    plugins.heal("DEL portmap");
    awaitGone(network);
    assertEquals(List.of(), kept());
  }

  @Test
  void after_a_restart_what_belongs_to_nobody_goes() throws Exception {
    network().attach(request());
    CniNetwork restarted = network();
    restarted.reconcile(Set.of("pod1"));
    assertEquals(Set.of("pod1"), restarted.attachments().keySet());
    restarted.reconcile(Set.of());
    awaitGone(restarted);
    assertEquals(List.of(), kept());
  }

  /** The end of a retry has no event for callers; its trace on disk has. */
  private static void awaitGone(CniNetwork network) {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!network.pendingRemovals().isEmpty()) {
      assertTrue(System.nanoTime() < deadline, "DEL was not tried again");
      Thread.onSpinWait();
    }
  }

  @Test
  void an_add_cut_short_by_the_daemons_death_is_deleted_before_the_next() throws IOException {
    ScheduledExecutorService ended = Executors.newSingleThreadScheduledExecutor();
    ended.shutdownNow();
    CniNetwork network = network(ended);
    plugins.fail("ADD portmap", "killed here");
    plugins.fail("DEL bridge", "killed here, too");
    assertThrows(CriException.class, () -> network.attach(request()));
    plugins.heal("ADD portmap");
    plugins.heal("DEL bridge");
    CniNetwork restarted = network();
    plugins.calls.clear();
    restarted.attach(request());
    assertEquals(List.of("DEL portmap", "DEL bridge", "ADD bridge", "ADD portmap"), plugins.said());
  }

  @Test
  void a_namespace_that_is_gone_is_told_as_empty() {
    CniNetwork network = network();
    network.attach(request());
    Namespaces.unpin(netns);
    plugins.calls.clear();
    network.detach("pod1");
    assertEquals(Optional.empty(), plugins.calls.getFirst().invocation().netns());
  }

  @Test
  void check_tells_what_a_plugin_finds() throws IOException {
    CniNetwork network = network();
    network.attach(request());
    assertEquals(Optional.empty(), network.check("pod1"));
    plugins.fail("CHECK bridge", "veth7 is down");
    assertEquals(Optional.of("veth7 is down"), network.check("pod1"));
    assertThrows(CriException.NotFound.class, () -> network.check("pod2"));
  }

  @Test
  void at_start_plugins_are_told_who_lives_from_version_1_1() throws Exception {
    configure("1.1.0");
    network().attach(request());
    plugins.calls.clear();
    network().reconcile(Set.of("pod1"));
    assertEquals("GC bridge", plugins.awaitCall().words());
    RecordedPlugins.Call last = plugins.awaitCall();
    assertEquals("GC portmap", last.words());
    assertEquals(
        "[{\"containerID\":\"pod1\",\"ifname\":\"eth0\"}]",
        last.configuration().get("cni.dev/valid-attachments").toString());
  }

  @Test
  void status_is_asked_from_version_1_1() throws Exception {
    configure("1.1.0");
    CniNetwork network = network();
    assertEquals(new NetworkState.Ready(Optional.empty()), network.state());
    assertEquals(
        List.of("VERSION bridge", "VERSION portmap", "STATUS bridge", "STATUS portmap"),
        plugins.said());
    plugins.calls.clear();
    plugins.fail("STATUS portmap", "no iptables");
    assertEquals(
        new NetworkState.NotReady("NetworkPluginNotReady", "no iptables"), network.state());
    assertEquals(List.of("STATUS bridge", "STATUS portmap"), plugins.said());
  }

  @Test
  void readiness_follows_the_directory_and_tells_the_true_reason() throws IOException {
    CniNetwork network = network();
    assertInstanceOf(NetworkState.Ready.class, network.state());
    Files.writeString(file, "{\n \"name\": \"pods\"\n}");
    assertEquals(
        new NetworkState.NotReady(
            "NetworkConfigBroken",
            "no usable network configuration: " + file + ": has no \"cniVersion\""),
        network.state());
    assertThrows(CriException.FailedPrecondition.class, () -> network.attach(request()));
    Files.delete(file);
    assertFalse(network.isConfigured());
    configure("1.0.0");
    assertInstanceOf(NetworkState.Ready.class, network.state());
  }

  @Test
  void a_plugin_too_old_for_the_network_is_named() throws IOException {
    configure("0.3.1");
    NetworkState.NotReady state = assertInstanceOf(NetworkState.NotReady.class, network().state());
    assertEquals("NetworkPluginNotReady", state.reason());
    assertTrue(state.message().contains("cniVersion 0.3.1 is not spoken by plugin \"bridge\""));
  }

  @Test
  void a_bandwidth_that_is_no_quantity_is_refused_by_name() throws IOException {
    AttachRequest request =
        new AttachRequest(
            "pod1",
            netns,
            List.of(),
            new PodIdentity(
                "n",
                "p",
                "u",
                Map.of("kubernetes.io/egress-bandwidth", "fast"),
                PodIdentity.NONE.dns(),
                ""));
    CriException e =
        assertThrows(CriException.InvalidArgument.class, () -> network().attach(request));
    assertEquals(
        "annotation kubernetes.io/egress-bandwidth: \"fast\" is no quantity such as 10M",
        e.getMessage());
    assertEquals(List.of(), kept());
  }
}
