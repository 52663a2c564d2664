package io.onggi.network.nat;

import io.onggi.linux.LinuxException;
import io.onggi.network.IpPrefix;
import io.onggi.network.PortMapping;
import io.onggi.network.netlink.ClientPool;
import io.onggi.network.netlink.NetlinkClient;
import io.onggi.network.netlink.NetlinkRequest;
import io.onggi.network.netlink.NftMessages;
import io.onggi.network.netlink.NftMessages.Element;
import io.onggi.network.netlink.NftMessages.Field;
import io.onggi.network.netlink.NftMessages.Hook;
import io.onggi.network.netlink.NftRule;
import io.onggi.network.netlink.NftRule.Side;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The table "onggi_BRIDGE" of family ip. What it does, in the words of nft(8):
 *
 * <pre>
 * chain guard       filter, prerouting, -300: a pod never speaks to the node's 127.0.0.0/8
 * chain prerouting  nat, -100: to an address of the node: jump hostports
 * chain output      nat, -100: the same, for the node's own packets
 * chain hostports   dnat by map: (address . protocol . port), then (protocol . port)
 * chain postrouting nat, 100: masquerade what leaves the node's pods for elsewhere;
 *                   what reaches a pod through a host port from a pod or from 127.0.0.1
 * </pre>
 *
 * Every change is one transaction. Established connections live in conntrack and survive a rebuild.
 */
public final class NatTable {
  private static final IpPrefix LOOPBACK = IpPrefix.parse("127.0.0.0/8");
  private static final IpPrefix MULTICAST = IpPrefix.parse("224.0.0.0/4");
  private static final int PRIORITY_RAW = -300;
  private static final int PRIORITY_DNAT = -100;
  private static final int PRIORITY_SNAT = 100;

  /** Host ports without an address. */
  private static final String PORTS = "ports";

  /** Host ports of one address. */
  private static final String PORTS_OF_ADDRESS = "ports_of_address";

  /** What connections through our host ports look like after translation. */
  private static final String PUBLISHED = "published";

  private static final int PORTS_ID = 1;
  private static final int PORTS_OF_ADDRESS_ID = 2;
  private static final int PUBLISHED_ID = 3;

  /** Elements in one message: an attribute ends at 64 KiB. */
  private static final int CHUNK = 500;

  private final ClientPool clients;
  private final String bridge;
  private final NftMessages nft;

  /** The table of that bridge; nothing is made before {@link #rebuild}. */
  public NatTable(ClientPool clients, String bridge) {
    this.clients = clients;
    this.bridge = bridge;
    this.nft = new NftMessages("onggi_" + bridge);
  }

  /**
   * Makes the table as described by the arguments, whatever it was before, in one transaction.
   *
   * @param pods ranges whose packets are masqueraded
   * @param direct ranges that are reached without masquerade
   * @param ports mapped ports by pod address
   * @throws LinuxException if the kernel has no nf_tables or refuses
   */
  public void rebuild(
      Collection<IpPrefix> pods,
      Collection<IpPrefix> direct,
      Map<InetAddress, List<PortMapping>> ports) {
    List<NetlinkRequest> all = new ArrayList<>();
    // Adding first makes deleting succeed when there was none.
    all.add(nft.addTable());
    all.add(nft.deleteTable());
    all.add(nft.addTable());
    addSets(all);
    addChains(all);
    addDestinationRules(all);
    addSourceRules(all, pods, direct);
    addElements(all, ports);
    transact(all);
  }

  /** Maps the ports to the pod. */
  public void add(InetAddress pod, List<PortMapping> ports) {
    List<NetlinkRequest> all = new ArrayList<>();
    addElements(all, Map.of(pod, ports));
    transact(all);
  }

  /** Unmaps the ports; fails with ENOENT, and changes nothing, if one is not mapped. */
  public void remove(InetAddress pod, List<PortMapping> ports) {
    List<NetlinkRequest> all = new ArrayList<>();
    elements(Map.of(pod, ports)).forEach((set, list) -> all.add(nft.deleteElements(set, list)));
    transact(all);
  }

  /** False if somebody deleted it, as a reload of the node's firewall does (flush ruleset). */
  public boolean exists() {
    return clients.with(nft::tableExists);
  }

  /** Deletes the table. Idempotent. */
  public void delete() {
    try {
      transact(List.of(nft.deleteTable()));
    } catch (LinuxException e) {
      if (!NetlinkClient.isAbsent(e)) {
        throw e;
      }
    }
  }

  private void transact(List<NetlinkRequest> requests) {
    if (!requests.isEmpty()) {
      clients.run(client -> client.transact(requests));
    }
  }

  private void addSets(List<NetlinkRequest> all) {
    List<Field> target = List.of(Field.IPV4_ADDRESS, Field.INET_SERVICE);
    List<Field> port = List.of(Field.INET_PROTOCOL, Field.INET_SERVICE);
    all.add(nft.addMap(PORTS, PORTS_ID, port, target));
    all.add(
        nft.addMap(
            PORTS_OF_ADDRESS,
            PORTS_OF_ADDRESS_ID,
            List.of(Field.IPV4_ADDRESS, Field.INET_PROTOCOL, Field.INET_SERVICE),
            target));
    all.add(
        nft.addSet(
            PUBLISHED,
            PUBLISHED_ID,
            List.of(
                Field.INET_PROTOCOL, Field.INET_SERVICE, Field.IPV4_ADDRESS, Field.INET_SERVICE)));
  }

  private void addChains(List<NetlinkRequest> all) {
    all.add(nft.addChain("hostports"));
    all.add(nft.addBaseChain("guard", "filter", Hook.PREROUTING, PRIORITY_RAW));
    all.add(nft.addBaseChain("prerouting", "nat", Hook.PREROUTING, PRIORITY_DNAT));
    all.add(nft.addBaseChain("output", "nat", Hook.OUTPUT, PRIORITY_DNAT));
    all.add(nft.addBaseChain("postrouting", "nat", Hook.POSTROUTING, PRIORITY_SNAT));
  }

  private void addDestinationRules(List<NetlinkRequest> all) {
    // route_localnet on the bridge (for 127.0.0.1:hostPort) would open the node's loopback to
    // pods (CVE-2020-8558). Before conntrack: answers still carry the bridge's address here.
    all.add(
        nft.addRule("guard", new NftRule().inputIs(bridge).in(Side.DESTINATION, LOOPBACK).drop()));
    all.add(nft.addRule("prerouting", new NftRule().toLocalAddress().jump("hostports")));
    all.add(nft.addRule("output", new NftRule().toLocalAddress().jump("hostports")));
    all.add(
        nft.addRule(
            "hostports",
            new NftRule()
                .loadAddress(Side.DESTINATION, 0)
                .loadProtocol(1)
                .loadDestinationPort(2)
                .lookup(PORTS_OF_ADDRESS, PORTS_OF_ADDRESS_ID)
                .destinationNat()));
    all.add(
        nft.addRule(
            "hostports",
            new NftRule()
                .loadProtocol(0)
                .loadDestinationPort(1)
                .lookup(PORTS, PORTS_ID)
                .destinationNat()));
  }

  private void addSourceRules(
      List<NetlinkRequest> all, Collection<IpPrefix> pods, Collection<IpPrefix> direct) {
    all.add(
        nft.addRule(
            "postrouting", new NftRule().outputIs(bridge).in(Side.SOURCE, LOOPBACK).masquerade()));
    for (IpPrefix range : pods) {
      NftRule leaving =
          new NftRule()
              .in(Side.SOURCE, range)
              .outputIsNot(bridge)
              .notIn(Side.DESTINATION, MULTICAST);
      pods.forEach(other -> leaving.notIn(Side.DESTINATION, other));
      direct.forEach(other -> leaving.notIn(Side.DESTINATION, other));
      all.add(nft.addRule("postrouting", leaving.masquerade()));
      // The answer to a pod's own neighbour would not come back through the node. Only for our
      // host ports: a service's client keeps its address.
      NftRule hairpin =
          new NftRule()
              .outputIs(bridge)
              .in(Side.SOURCE, range)
              .loadProtocol(0)
              .loadOriginalDestinationPort(1)
              .loadAddress(Side.DESTINATION, 2)
              .loadDestinationPort(3)
              .inSet(PUBLISHED, PUBLISHED_ID);
      all.add(nft.addRule("postrouting", hairpin.masquerade()));
    }
  }

  private void addElements(List<NetlinkRequest> all, Map<InetAddress, List<PortMapping>> ports) {
    elements(ports)
        .forEach(
            (set, list) -> {
              for (int from = 0; from < list.size(); from += CHUNK) {
                int to = Math.min(from + CHUNK, list.size());
                all.add(nft.addElements(set, list.subList(from, to)));
              }
            });
  }

  /** Elements by set; a set without any is absent. */
  private static Map<String, List<Element>> elements(Map<InetAddress, List<PortMapping>> ports) {
    Map<String, List<Element>> elements = new LinkedHashMap<>();
    ports.forEach(
        (pod, list) -> {
          for (PortMapping port : HostPorts.mapped(list)) {
            String map = port.hostIp().isPresent() ? PORTS_OF_ADDRESS : PORTS;
            byte[] target = bytes(pod, port.containerPort());
            collect(elements, map, new Element(key(port), target));
            collect(elements, PUBLISHED, Element.ofSet(publishedKey(port, target)));
          }
        });
    return elements;
  }

  private static void collect(Map<String, List<Element>> elements, String set, Element element) {
    elements.computeIfAbsent(set, _ -> new ArrayList<>()).add(element);
  }

  private static byte[] key(PortMapping port) {
    byte[] address = port.hostIp().map(InetAddress::getAddress).orElse(new byte[0]);
    return protocolAndPort(ByteBuffer.allocate(address.length + 8).put(address), port).array();
  }

  private static byte[] publishedKey(PortMapping port, byte[] target) {
    return protocolAndPort(ByteBuffer.allocate(16), port).put(target).array();
  }

  /** Fields are in network order, each at the start of its own 4 bytes. */
  private static ByteBuffer protocolAndPort(ByteBuffer out, PortMapping port) {
    out.put((byte) port.protocol().number()).put(new byte[3]);
    return out.putShort((short) port.hostPort()).putShort((short) 0);
  }

  private static byte[] bytes(InetAddress pod, int port) {
    ByteBuffer out = ByteBuffer.allocate(8).put(pod.getAddress());
    return out.putShort((short) port).putShort((short) 0).array();
  }
}
