package io.onggi.network.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.error.CriException;
import io.onggi.linux.LinuxException;
import io.onggi.linux.Namespaces;
import io.onggi.network.AttachRequest;
import io.onggi.network.Attachment;
import io.onggi.network.IpPrefix;
import io.onggi.network.MacAddress;
import io.onggi.network.NetworkState;
import io.onggi.network.PortMapping;
import io.onggi.network.Protocol;
import io.onggi.network.netlink.ClientPool;
import io.onggi.network.netlink.Link;
import io.onggi.network.netlink.NetlinkRequest;
import io.onggi.network.netlink.RouteMessages;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The built-in network on the real kernel, inside namespaces of the test's own. */
@Timeout(60)
class BridgeNetworkTest {
  private static final InetAddress NODE = Lab.address(Lab.NODE_ADDRESS);
  private static final InetAddress OUTSIDE = Lab.address(Lab.OUTSIDE_ADDRESS);
  private static final InetAddress LOCALHOST = Lab.address("127.0.0.1");
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  @TempDir Path directory;
  private Lab lab;
  private final List<BridgeNetwork> networks = new ArrayList<>();

  @BeforeEach
  void makeLab() {
    lab = new Lab(directory);
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    for (BridgeNetwork network : networks) {
      network.removeAll();
      network.close();
    }
    List<String> links = lab.links(lab.node).stream().map(Link::name).toList();
    String ruleset = lab.ruleset();
    lab.close();
    assertEquals(List.of(), links.stream().filter(name -> name.startsWith("og")).toList());
    assertEquals("", ruleset);
    assertEquals(List.of(), Lab.list(lab.leases("onggi0")));
  }

  private BridgeNetwork network(String bridge, String cidr) {
    List<IpPrefix> ranges = cidr.isEmpty() ? List.of() : List.of(IpPrefix.parse(cidr));
    BridgeConfig config = BridgeConfig.of(bridge, ranges, lab.leases(bridge));
    BridgeNetwork network = new BridgeNetwork(config, lab.host());
    networks.add(network);
    return network;
  }

  private static InetAddress ip(Attachment attachment) {
    return attachment.addresses().getFirst().address();
  }

  private static PortMapping port(Protocol protocol, int containerPort, int hostPort) {
    return new PortMapping(protocol, containerPort, hostPort, Optional.empty());
  }

  private static AttachRequest request(String id, Path netns, PortMapping... ports) {
    return new AttachRequest(id, netns, List.of(ports));
  }

  @Test
  void twoPodsReachEachOtherAndTheNodeReachesThem() {
    BridgeNetwork network = network("onggi0", "10.88.0.0/16");
    Path red = lab.netns("red");
    Path blue = lab.netns("blue");
    Attachment redOn = network.attach(request("red", red));
    Attachment blueOn = network.attach(request("blue", blue));
    lab.tcpServer(red, "red", 80);
    lab.tcpServer(blue, "blue", 80);
    lab.udpServer(blue, "blue", 53);
    assertEquals("10.88.0.2/16", redOn.addresses().getFirst().toString());
    assertEquals("10.88.0.3/16", blueOn.addresses().getFirst().toString());
    assertEquals("blue sees 10.88.0.2", Lab.tcp(red, ip(blueOn), 80));
    assertEquals("red sees 10.88.0.3", Lab.tcp(blue, ip(redOn), 80));
    assertEquals("blue sees 10.88.0.2", Lab.udp(red, ip(blueOn), 53));
    assertEquals("red sees 10.88.0.1", Lab.tcp(lab.node, ip(redOn), 80));
    assertEquals("red sees 127.0.0.1", Lab.tcp(red, LOCALHOST, 80), "loopback is up");
  }

  @Test
  void aPodsInterfaceIsAsTheAttachmentSays() {
    BridgeNetwork network = network("onggi0", "10.88.0.0/16");
    Path red = lab.netns("red");
    String id = "0123456789abcdef0123";
    Attachment on = network.attach(request(id, red));
    assertEquals("og0123456789abc", on.hostInterface());
    Link inside =
        lab.links(red).stream().filter(l -> l.name().equals("eth0")).findFirst().orElseThrow();
    assertEquals(Optional.of(on.mac()), inside.mac());
    assertEquals(1400, inside.mtu(), "the MTU of the default route's interface");
    assertEquals("10.88.0.1", on.gateways().getFirst().getHostAddress());
    assertEquals(Map.of(id, on), network.attachments());
  }

  @Test
  void theWorldOutsideSeesTheNodesAddress() {
    BridgeNetwork network = network("onggi0", "10.88.0.0/16");
    Path red = lab.netns("red");
    network.attach(request("red", red));
    lab.tcpServer(lab.outside, "outside", 80);
    lab.udpServer(lab.outside, "outside", 53);
    assertEquals("outside sees " + Lab.NODE_ADDRESS, Lab.tcp(red, OUTSIDE, 80));
    assertEquals("outside sees " + Lab.NODE_ADDRESS, Lab.udp(red, OUTSIDE, 53));
  }

  @Test
  void aHostPortAnswersFromEverywhereAndOnlyWhileAttached() throws Exception {
    BridgeNetwork network = network("onggi0", "10.88.0.0/16");
    Path red = lab.netns("red");
    Path blue = lab.netns("blue");
    network.attach(request("red", red, port(Protocol.TCP, 80, 8080), port(Protocol.UDP, 53, 5353)));
    network.attach(request("blue", blue));
    lab.tcpServer(red, "red", 80);
    lab.udpServer(red, "red", 53);
    assertEquals("red sees 10.88.0.1", Lab.tcp(lab.node, LOCALHOST, 8080));
    assertEquals("red sees 10.88.0.1", Lab.udp(lab.node, LOCALHOST, 5353));
    assertEquals("red sees " + Lab.NODE_ADDRESS, Lab.tcp(lab.node, NODE, 8080));
    assertEquals("red sees " + Lab.NODE_ADDRESS, Lab.udp(lab.node, NODE, 5353));
    assertEquals("red sees " + Lab.OUTSIDE_ADDRESS, Lab.tcp(lab.outside, NODE, 8080));
    assertEquals("red sees " + Lab.OUTSIDE_ADDRESS, Lab.udp(lab.outside, NODE, 5353));
    assertEquals("red sees 10.88.0.1", Lab.tcp(blue, NODE, 8080), "from a neighbour");
    assertEquals("red sees 10.88.0.1", Lab.tcp(red, NODE, 8080), "from the pod itself");
    assertTrue(lab.ruleset().contains("tcp . 8080 : 10.88.0.2 . 80"), lab.ruleset());
    network.detach("red");
    assertEquals("error Connection refused", Lab.tcp(lab.node, NODE, 8080));
    assertFalse(lab.ruleset().contains("8080"), lab.ruleset());
  }

  @Test
  void aHostPortOfOneAddressDoesNotAnswerOnAnother() {
    BridgeNetwork network = network("onggi0", "10.88.0.0/16");
    Path red = lab.netns("red");
    network.attach(
        request("red", red, new PortMapping(Protocol.TCP, 80, 8080, Optional.of(LOCALHOST))));
    lab.tcpServer(red, "red", 80);
    assertEquals("red sees 10.88.0.1", Lab.tcp(lab.node, LOCALHOST, 8080));
    assertEquals("error Connection refused", Lab.tcp(lab.node, NODE, 8080));
  }

  @Test
  void aHeldHostPortIsRefusedByNameAndNothingIsLeft() throws Exception {
    BridgeNetwork network = network("onggi0", "10.88.0.0/16");
    network.attach(request("red", lab.netns("red"), port(Protocol.TCP, 80, 8080)));
    Path blue = lab.netns("blue");
    CriException e =
        assertThrows(
            CriException.FailedPrecondition.class,
            () -> network.attach(request("blue", blue, port(Protocol.TCP, 81, 8080))));
    assertEquals(
        "host port 8080/TCP for sandbox blue is held by sandbox red; stop that one first or choose"
            + " another port",
        e.getMessage());
    assertEquals(List.of("10.88.0.2"), Lab.list(lab.leases("onggi0")));
    network.detach("red");
    network.attach(request("blue", blue, port(Protocol.TCP, 81, 8080)));
  }

  @Test
  void attachTwiceGivesTheSameAndDetachTwiceIsFine() throws Exception {
    BridgeNetwork network = network("onggi0", "10.88.0.0/16");
    Path red = lab.netns("red");
    Attachment first = network.attach(request("red", red, port(Protocol.TCP, 80, 8080)));
    assertEquals(first, network.attach(request("red", red, port(Protocol.TCP, 80, 8080))));
    assertEquals(List.of("10.88.0.2"), Lab.list(lab.leases("onggi0")));
    network.detach("red");
    network.detach("red");
    network.detach("never");
    assertTrue(network.awaitIdle(PATIENCE));
    assertEquals(List.of(), Lab.list(lab.leases("onggi0")));
    Attachment again = network.attach(request("red", red));
    assertNotEquals(ip(first), ip(again), "an address does not come back at once");
    network.detach("red");
    network.attach(request("red", red));
  }

  @Test
  void anExhaustedRangeIsNamedAndServesAgainAfterADetach() {
    BridgeNetwork network = network("onggi0", "10.88.0.0/30");
    network.attach(request("red", lab.netns("red")));
    Path blue = lab.netns("blue");
    CriException e =
        assertThrows(
            CriException.ResourceExhausted.class, () -> network.attach(request("blue", blue)));
    assertTrue(
        String.valueOf(e.getMessage())
            .startsWith(
                "no pod address is left for sandbox blue in 10.88.0.0/30 (1 of 1 addresses held);"
                    + " 1 pods are attached"),
        e.getMessage());
    network.detach("red");
    assertEquals("10.88.0.2", ip(network.attach(request("blue", blue))).getHostAddress());
  }

  @Test
  void anAttachThatFailsLeavesNothing() throws Exception {
    BridgeNetwork network = network("onggi0", "10.88.0.0/16");
    CriException e =
        assertThrows(
            CriException.FailedPrecondition.class,
            () -> network.attach(request("red", directory.resolve("gone"))));
    assertTrue(String.valueOf(e.getMessage()).contains("is no namespace"), e.getMessage());
    Path taken = lab.netns("taken");
    network.attach(request("red", taken));
    RuntimeException second =
        assertThrows(
            RuntimeException.class,
            () -> network.attach(request("blue", taken, port(Protocol.TCP, 80, 8080))));
    assertTrue(String.valueOf(second.getMessage()).contains("add veth"), second.getMessage());
    assertEquals(List.of("10.88.0.2"), Lab.list(lab.leases("onggi0")));
    network.attach(request("green", lab.netns("green"), port(Protocol.TCP, 80, 8080)));
  }

  @Test
  void aRestartedDaemonKeepsTheLivingAndFreesTheDead() throws Exception {
    BridgeNetwork before = network("onggi0", "10.88.0.0/16");
    Path red = lab.netns("red");
    lab.tcpServer(red, "red", 80);
    Attachment redOn = before.attach(request("red", red, port(Protocol.TCP, 80, 8080)));
    before.attach(request("blue", lab.netns("blue"), port(Protocol.TCP, 80, 9090)));
    before.close();
    networks.clear();
    // A link whose lease never was: the bridge's own, so it goes too.
    lab.inNode(
        client -> {
          int bridge = RouteMessages.findLink(client, "onggi0").orElseThrow().index();
          client.execute(stray(bridge));
        });

    BridgeNetwork after = network("onggi0", "10.88.0.0/16");
    after.reconcile(Set.of("red"));
    assertEquals(Map.of("red", redOn), after.attachments());
    assertEquals("red sees 10.88.0.1", Lab.tcp(lab.node, LOCALHOST, 8080));
    assertTrue(after.awaitIdle(PATIENCE));
    assertEquals(List.of("10.88.0.2"), Lab.list(lab.leases("onggi0")));
    assertFalse(lab.ruleset().contains("9090"), lab.ruleset());
    List<String> links = lab.links(lab.node).stream().map(Link::name).toList();
    assertEquals(
        List.of(redOn.hostInterface()), links.stream().filter(n -> n.startsWith("og")).toList());
    Attachment green = after.attach(request("green", lab.netns("green")));
    assertNotEquals(ip(redOn), ip(green));
  }

  @Test
  void removeAllOfANewDaemonRemovesWhatTheOldOneMade() {
    BridgeNetwork before = network("onggi0", "10.88.0.0/16");
    before.attach(request("red", lab.netns("red"), port(Protocol.TCP, 80, 8080)));
    lab.inNode(
        client ->
            client.execute(stray(RouteMessages.findLink(client, "onggi0").orElseThrow().index())));
    before.close();
    networks.clear();
    BridgeNetwork after = network("onggi0", "10.88.0.0/16");
    after.removeAll();
    assertEquals(
        List.of("lo", "uplink"), lab.links(lab.node).stream().map(Link::name).sorted().toList());
    after.removeAll();
  }

  private NetlinkRequest stray(int bridge) {
    int fd = Namespaces.openDescriptor(lab.netns("stray"));
    return RouteMessages.addVeth(
        new RouteMessages.VethPair(
            "ogstray", bridge, 1400, "eth0", fd, new MacAddress(0x0a0000000003L)));
  }

  @Test
  void aBridgeRemovedByHandIsMadeAgainWithItsPods() {
    BridgeNetwork network = network("onggi0", "10.88.0.0/16");
    Path red = lab.netns("red");
    Attachment redOn = network.attach(request("red", red));
    lab.tcpServer(red, "red", 80);
    lab.inNode(client -> client.execute(RouteMessages.deleteLink("onggi0")));
    network.attach(request("blue", lab.netns("blue")));
    assertEquals("red sees 10.88.0.1", Lab.tcp(lab.node, ip(redOn), 80));
    lab.inNode(client -> client.execute(RouteMessages.deleteLink("onggi0")));
    assertEquals(new NetworkState.Ready(Optional.empty()), network.state());
    assertEquals("red sees 10.88.0.1", Lab.tcp(lab.node, ip(redOn), 80));
  }

  @Test
  void twoInstancesLiveSideBySide() {
    BridgeNetwork one = network("onggi0", "10.88.0.0/16");
    BridgeNetwork two = network("onggi-two", "10.99.0.0/24");
    Path red = lab.netns("red");
    Path blue = lab.netns("blue");
    one.attach(request("red", red, port(Protocol.TCP, 80, 8080)));
    Attachment blueOn = two.attach(request("blue", blue, port(Protocol.TCP, 80, 9090)));
    lab.tcpServer(red, "red", 80);
    lab.tcpServer(blue, "blue", 80);
    assertEquals("10.99.0.2/24", blueOn.addresses().getFirst().toString());
    assertEquals("red sees 10.88.0.1", Lab.tcp(lab.node, LOCALHOST, 8080));
    assertEquals("blue sees 10.99.0.1", Lab.tcp(lab.node, LOCALHOST, 9090));
    LinuxException e =
        assertThrows(LinuxException.class, () -> two.attach(request("red", lab.netns("another"))));
    assertTrue(String.valueOf(e.getMessage()).contains("File exists"), e.getMessage());
    assertEquals("red sees 10.88.0.1", Lab.tcp(lab.node, LOCALHOST, 8080), "not ours, not touched");
    one.removeAll();
    assertEquals("blue sees 10.99.0.1", Lab.tcp(lab.node, LOCALHOST, 9090));
  }

  @Test
  void withoutARangeTheNetworkIsNotReadyUntilTheKubeletGivesOne() {
    BridgeNetwork network = network("onggi0", "");
    NetworkState.NotReady state = assertInstanceOf(NetworkState.NotReady.class, network.state());
    assertEquals("NetworkNotConfigured", state.reason());
    assertThrows(
        CriException.InvalidArgument.class,
        () -> network.podCidr(List.of(IpPrefix.parse("fd00::/64"))));
    network.podCidr(List.of(IpPrefix.parse("10.88.0.0/24"), IpPrefix.parse("fd00::/64")));
    assertEquals(new NetworkState.Ready(Optional.empty()), network.state());
    Path red = lab.netns("red");
    Attachment redOn = network.attach(request("red", red));
    network.podCidr(List.of(IpPrefix.parse("10.77.0.0/24")));
    Path blue = lab.netns("blue");
    Attachment blueOn = network.attach(request("blue", blue));
    lab.tcpServer(red, "red", 80);
    assertEquals("10.77.0.2/24", blueOn.addresses().getFirst().toString());
    assertEquals("red sees 10.88.0.1", Lab.tcp(lab.node, ip(redOn), 80), "keeps its address");
  }

  @Test
  void aFirewallReloadThatFlushesOurTableIsRepaired() throws Exception {
    BridgeNetwork network = network("onggi0", "10.88.0.0/16");
    Path red = lab.netns("red");
    network.attach(request("red", red, port(Protocol.TCP, 80, 8080)));
    lab.tcpServer(red, "red", 80);
    lab.nft("flush", "ruleset");
    assertEquals("", lab.ruleset());
    assertEquals(new NetworkState.Ready(Optional.empty()), network.state());
    assertEquals("red sees 10.88.0.1", Lab.tcp(lab.node, LOCALHOST, 8080), "by the next Status");
    lab.nft("flush", "ruleset");
    network.attach(request("blue", lab.netns("blue"), port(Protocol.TCP, 80, 9090)));
    assertEquals("red sees 10.88.0.1", Lab.tcp(lab.node, LOCALHOST, 8080), "by the next pod");
    lab.nft("flush", "map", "ip", "onggi_onggi0", "ports");
    network.detach("blue");
    assertEquals("red sees 10.88.0.1", Lab.tcp(lab.node, LOCALHOST, 8080), "by the next detach");
    assertFalse(lab.ruleset().contains("9090"), lab.ruleset());
  }

  @Test
  void theTablesOfOthersAreNotTouched() throws Exception {
    lab.nft("add", "table", "ip", "foreign");
    BridgeNetwork network = network("onggi0", "10.88.0.0/16");
    network.attach(request("red", lab.netns("red"), port(Protocol.TCP, 80, 8080)));
    network.removeAll();
    assertEquals("table ip foreign {\n}\n", lab.ruleset());
    lab.nft("delete", "table", "ip", "foreign");
  }

  @Test
  void withoutNfTablesPodsAreWiredAndTheStateSaysWhatIsMissing() {
    BridgeConfig config =
        BridgeConfig.of("onggi0", List.of(IpPrefix.parse("10.88.0.0/16")), lab.leases("onggi0"));
    int noSuchProtocol = 31;
    BridgeNetwork network =
        new BridgeNetwork(config, lab.host(), new ClientPool(lab.host(), noSuchProtocol));
    networks.add(network);
    Path red = lab.netns("red");
    Attachment on = network.attach(request("red", red, port(Protocol.TCP, 80, 8080)));
    lab.tcpServer(red, "red", 80);
    assertEquals("red sees 10.88.0.1", Lab.tcp(lab.node, ip(on), 80));
    NetworkState.Ready state = assertInstanceOf(NetworkState.Ready.class, network.state());
    assertTrue(
        state.limitation().orElse("").startsWith("no masquerade and no host ports: open "),
        state::toString);
    network.detach("red");
  }

  @Test
  void aPodReachesTheNodeButNotItsLoopback() throws Exception {
    BridgeNetwork network = network("onggi0", "10.88.0.0/16");
    Path red = lab.netns("red");
    network.attach(request("red", red));
    lab.tcpServer(lab.node, "node", 10250);
    assertEquals("node sees 10.88.0.2", Lab.tcp(red, NODE, 10250));
    assertTrue(
        lab.ruleset().contains("iifname \"onggi0\" ip daddr 127.0.0.0/8 drop"), lab.ruleset());
  }

  @Test
  void aDeadNamespaceTakesItsLinkAndFreesItsAddressWithoutADelete() throws Exception {
    BridgeNetwork network = network("onggi0", "10.88.0.0/16");
    Path red = lab.netns("red");
    network.attach(request("red", red));
    network.detach("red");
    Namespaces.unpin(red);
    assertTrue(network.awaitIdle(PATIENCE));
    assertEquals(List.of(), Lab.list(lab.leases("onggi0")));
  }

  @Test
  void tenWorkersAttachFiftyPodsWithFiftyAddresses() throws Exception {
    BridgeNetwork network = network("onggi0", "10.88.0.0/16");
    List<Callable<Attachment>> calls = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      String id = "pod-" + i;
      int hostPort = 20000 + i;
      calls.add(() -> network.attach(request(id, lab.netns(id), port(Protocol.TCP, 80, hostPort))));
    }
    try (var workers = Executors.newFixedThreadPool(10)) {
      for (Future<Attachment> call : workers.invokeAll(calls)) {
        assertEquals(50, call.get() == null ? 0 : 50);
      }
    }
    assertEquals(50, Lab.list(lab.leases("onggi0")).size());
    Set<InetAddress> addresses = new HashSet<>();
    network.attachments().values().forEach(a -> addresses.add(ip(a)));
    assertEquals(50, addresses.size());
  }
}
