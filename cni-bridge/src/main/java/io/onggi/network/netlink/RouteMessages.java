package io.onggi.network.netlink;

import io.onggi.linux.LinuxException;
import io.onggi.network.IpPrefix;
import io.onggi.network.MacAddress;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The rtnetlink messages that the network needs (man 7 rtnetlink; numbers from linux/rtnetlink.h,
 * if_link.h, if_addr.h, veth.h). Encoders are pure; the few queries take a client.
 */
public final class RouteMessages {
  private static final int RTM_NEWLINK = 16;
  private static final int RTM_DELLINK = 17;
  private static final int RTM_GETLINK = 18;
  private static final int RTM_NEWADDR = 20;
  private static final int RTM_DELADDR = 21;
  private static final int RTM_NEWROUTE = 24;
  private static final int RTM_GETROUTE = 26;

  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int IFF_UP = 1;
  private static final int IFINFOMSG_BYTES = 16;
  private static final int RTMSG_BYTES = 12;

  private static final int IFLA_ADDRESS = 1;
  private static final int IFLA_IFNAME = 3;
  private static final int IFLA_MTU = 4;
  private static final int IFLA_MASTER = 10;
  private static final int IFLA_LINKINFO = 18;
  private static final int IFLA_NET_NS_FD = 28;
  private static final int IFLA_INFO_KIND = 1;
  private static final int IFLA_INFO_DATA = 2;
  private static final int IFLA_INFO_SLAVE_KIND = 4;
  private static final int IFLA_INFO_SLAVE_DATA = 5;
  private static final int IFLA_BRPORT_MODE = 4;
  private static final int VETH_INFO_PEER = 1;
  private static final int IFA_ADDRESS = 1;
  private static final int IFA_LOCAL = 2;
  private static final int RTA_OIF = 4;
  private static final int RTA_GATEWAY = 5;
  private static final int RTA_PRIORITY = 6;
  private static final int RT_TABLE_MAIN = 254;
  private static final int RTPROT_BOOT = 3;
  private static final int RTN_UNICAST = 1;

  private RouteMessages() {}

  /** A bridge that is up. Its address is given, because it would else change with its ports. */
  public static NetlinkRequest addBridge(String name, MacAddress mac, int mtu) {
    NetlinkWriter out = link(0, IFF_UP, IFF_UP);
    out.attributeString(IFLA_IFNAME, name)
        .attribute(IFLA_ADDRESS, mac.bytes())
        .attributeU32(IFLA_MTU, mtu)
        .nestRaw(IFLA_LINKINFO, () -> out.attributeString(IFLA_INFO_KIND, "bridge"));
    return create("add bridge " + name, RTM_NEWLINK, out);
  }

  /**
   * A veth pair.
   *
   * @param host the node's end: a port of {@code bridge}, up
   * @param pod the pod's end, in the namespace of {@code netns}; down, because the kernel refuses
   *     IFF_UP for a peer whose other end does not exist yet (veth_open: ENOTCONN)
   */
  public record VethPair(
      String host, int bridge, int mtu, String pod, int netns, MacAddress podMac) {}

  /** Both ends of a veth pair in one message. */
  public static NetlinkRequest addVeth(VethPair pair) {
    NetlinkWriter out = link(0, IFF_UP, IFF_UP);
    out.attributeString(IFLA_IFNAME, pair.host)
        .attributeU32(IFLA_MTU, pair.mtu)
        .attributeU32(IFLA_MASTER, pair.bridge)
        .nestRaw(
            IFLA_LINKINFO,
            () ->
                out.attributeString(IFLA_INFO_KIND, "veth")
                    .nestRaw(
                        IFLA_INFO_DATA, () -> out.nestRaw(VETH_INFO_PEER, () -> peer(out, pair))));
    return create("add veth " + pair.host, RTM_NEWLINK, out);
  }

  private static void peer(NetlinkWriter out, VethPair pair) {
    ifinfomsg(out, 0, 0, 0);
    out.attributeString(IFLA_IFNAME, pair.pod)
        .attribute(IFLA_ADDRESS, pair.podMac.bytes())
        .attributeU32(IFLA_MTU, pair.mtu)
        .attributeU32(IFLA_NET_NS_FD, pair.netns);
  }

  /** Lets a bridge send a frame back through the port that it came from. */
  public static NetlinkRequest hairpin(String port) {
    NetlinkWriter out = link(0, 0, 0);
    out.attributeString(IFLA_IFNAME, port)
        .nestRaw(
            IFLA_LINKINFO,
            () ->
                out.attributeString(IFLA_INFO_SLAVE_KIND, "bridge")
                    .nestRaw(IFLA_INFO_SLAVE_DATA, () -> out.attributeU8(IFLA_BRPORT_MODE, 1)));
    return new NetlinkRequest("set hairpin on " + port, RTM_NEWLINK, 0, out.toBytes());
  }

  public static NetlinkRequest setUp(int index, String name) {
    byte[] body = link(index, IFF_UP, IFF_UP).toBytes();
    return new NetlinkRequest("set up " + name, RTM_NEWLINK, 0, body);
  }

  /** Makes {@code port} a port of the bridge with index {@code master}. */
  public static NetlinkRequest enslave(String port, int master) {
    byte[] body =
        link(0, 0, 0)
            .attributeString(IFLA_IFNAME, port)
            .attributeU32(IFLA_MASTER, master)
            .toBytes();
    return new NetlinkRequest("enslave " + port, RTM_NEWLINK, 0, body);
  }

  public static NetlinkRequest deleteLink(String name) {
    byte[] body = link(0, 0, 0).attributeString(IFLA_IFNAME, name).toBytes();
    return new NetlinkRequest("delete link " + name, RTM_DELLINK, 0, body);
  }

  /** Adds the address, or leaves it if it is there. */
  public static NetlinkRequest addAddress(int index, String name, IpPrefix address) {
    return new NetlinkRequest(
        "add address " + address + " to " + name,
        RTM_NEWADDR,
        NetlinkRequest.NLM_F_CREATE | NetlinkRequest.NLM_F_REPLACE,
        addressBody(index, address));
  }

  public static NetlinkRequest deleteAddress(int index, String name, IpPrefix address) {
    return new NetlinkRequest(
        "delete address " + address + " from " + name, RTM_DELADDR, 0, addressBody(index, address));
  }

  private static byte[] addressBody(int index, IpPrefix address) {
    byte[] raw = address.address().getAddress();
    return new NetlinkWriter()
        .u8(family(address.address()))
        .u8(address.length())
        .u8(0)
        .u8(0)
        .u32(index)
        .attribute(IFA_LOCAL, raw)
        .attribute(IFA_ADDRESS, raw)
        .toBytes();
  }

  public static NetlinkRequest addDefaultRoute(InetAddress gateway, int index) {
    byte[] body =
        rtmsg(family(gateway), RT_TABLE_MAIN, RTPROT_BOOT, RTN_UNICAST)
            .attribute(RTA_GATEWAY, gateway.getAddress())
            .attributeU32(RTA_OIF, index)
            .toBytes();
    return new NetlinkRequest(
        "add default route via " + gateway.getHostAddress(),
        RTM_NEWROUTE,
        NetlinkRequest.NLM_F_CREATE | NetlinkRequest.NLM_F_EXCL,
        body);
  }

  /** The link of that name, if there is one. */
  public static Optional<Link> findLink(NetlinkClient client, String name) {
    byte[] body = link(0, 0, 0).attributeString(IFLA_IFNAME, name).toBytes();
    NetlinkRequest request = new NetlinkRequest("get link " + name, RTM_GETLINK, 0, body);
    try {
      return client.query(request, RouteMessages::decodeLink).stream().findFirst();
    } catch (LinuxException e) {
      if (NetlinkClient.isAbsent(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** All links of the namespace, in one dump. */
  public static List<Link> allLinks(NetlinkClient client) {
    byte[] body = link(0, 0, 0).toBytes();
    NetlinkRequest request =
        new NetlinkRequest("list links", RTM_GETLINK, NetlinkRequest.NLM_F_DUMP, body);
    return client.query(request, RouteMessages::decodeLink);
  }

  /** Index of the link that IPv4 traffic leaves through by default. */
  public static OptionalInt defaultRouteLink(NetlinkClient client) {
    byte[] body = rtmsg(AF_INET, 0, 0, 0).toBytes();
    NetlinkRequest request =
        new NetlinkRequest("list routes", RTM_GETROUTE, NetlinkRequest.NLM_F_DUMP, body);
    return client.query(request, RouteMessages::decodeRoute).stream()
        .filter(Route::isDefault)
        .min(Comparator.comparingInt(Route::metric))
        .map(Route::link)
        .orElse(OptionalInt.empty());
  }

  record Route(boolean isDefault, int metric, OptionalInt link) {}

  static Route decodeRoute(ByteBuffer body) {
    Map<Integer, ByteBuffer> attributes = NetlinkReader.attributes(body, RTMSG_BYTES);
    boolean main = Byte.toUnsignedInt(body.get(4)) == RT_TABLE_MAIN;
    boolean unicast = body.get(7) == RTN_UNICAST;
    return new Route(
        body.get(1) == 0 && main && unicast,
        NetlinkReader.u32(attributes, RTA_PRIORITY).orElse(0),
        NetlinkReader.u32(attributes, RTA_OIF));
  }

  static Link decodeLink(ByteBuffer body) {
    Map<Integer, ByteBuffer> attributes = NetlinkReader.attributes(body, IFINFOMSG_BYTES);
    ByteBuffer hardware = attributes.get(IFLA_ADDRESS);
    ByteBuffer info = attributes.get(IFLA_LINKINFO);
    return new Link(
        body.getInt(4),
        NetlinkReader.string(attributes, IFLA_IFNAME),
        (body.getInt(8) & IFF_UP) != 0,
        NetlinkReader.u32(attributes, IFLA_MTU).orElse(0),
        NetlinkReader.u32(attributes, IFLA_MASTER),
        hardware == null || hardware.limit() != 6
            ? Optional.empty()
            : Optional.of(MacAddress.ofBytes(NetlinkReader.bytes(hardware))),
        info == null
            ? ""
            : NetlinkReader.string(NetlinkReader.attributes(info, 0), IFLA_INFO_KIND));
  }

  private static NetlinkRequest create(String what, int type, NetlinkWriter out) {
    int flags = NetlinkRequest.NLM_F_CREATE | NetlinkRequest.NLM_F_EXCL;
    return new NetlinkRequest(what, type, flags, out.toBytes());
  }

  private static NetlinkWriter link(int index, int flags, int change) {
    return ifinfomsg(new NetlinkWriter(), index, flags, change);
  }

  private static NetlinkWriter ifinfomsg(NetlinkWriter out, int index, int flags, int change) {
    return out.u8(0).u8(0).u16(0).u32(index).u32(flags).u32(change);
  }

  private static NetlinkWriter rtmsg(int family, int table, int protocol, int type) {
    NetlinkWriter out = new NetlinkWriter().u8(family).u8(0).u8(0).u8(0);
    return out.u8(table).u8(protocol).u8(0).u8(type).u32(0);
  }

  private static int family(InetAddress address) {
    return address.getAddress().length == 4 ? AF_INET : AF_INET6;
  }
}
