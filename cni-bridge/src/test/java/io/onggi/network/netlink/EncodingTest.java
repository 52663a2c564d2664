package io.onggi.network.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.io.BaseEncoding;
import com.google.common.net.InetAddresses;
import io.onggi.network.IpPrefix;
import io.onggi.network.MacAddress;
import io.onggi.network.netlink.NftMessages.Element;
import io.onggi.network.netlink.NftMessages.Field;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Golden bytes, written down field by field from the kernel's headers. */
class EncodingTest {
  @BeforeEach
  void goldenBytesAreLittleEndian() {
    assumeTrue(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN);
  }

  private static void assertBytes(NetlinkRequest request, String... golden) {
    String hex = String.join("", golden).replace(" ", "");
    assertEquals(hex, BaseEncoding.base16().lowerCase().encode(request.body()));
  }

  @Test
  void anAddressIsFamilyPrefixScopeIndexLocalAndAddress() {
    NetlinkRequest request = RouteMessages.addAddress(7, "eth0", IpPrefix.parse("10.88.0.5/16"));
    assertEquals(20, request.type());
    assertEquals(0x500, request.flags());
    assertBytes(
        request,
        "02 10 00 00 07000000", // struct ifaddrmsg
        "0800 0200 0a580005", // IFA_LOCAL
        "0800 0100 0a580005"); // IFA_ADDRESS
  }

  @Test
  void anIpv6AddressHasSixteenBytes() {
    assertBytes(
        RouteMessages.addAddress(7, "eth0", IpPrefix.parse("fd00::5/64")),
        "0a 40 00 00 07000000",
        "1400 0200 fd000000000000000000000000000005",
        "1400 0100 fd000000000000000000000000000005");
  }

  @Test
  void aDefaultRouteIsInTheMainTable() {
    assertBytes(
        RouteMessages.addDefaultRoute(InetAddresses.forString("10.88.0.1"), 7),
        "02 00 00 00 fe 03 00 01 00000000", // struct rtmsg: main, boot, universe, unicast
        "0800 0500 0a580001", // RTA_GATEWAY
        "0800 0400 07000000"); // RTA_OIF
  }

  @Test
  void aVethPairIsOneMessageWithThePeerInItsNamespace() {
    var pair =
        new RouteMessages.VethPair(
            "ogx", 3, 1500, "eth0", 9, MacAddress.parse("0a:6f:0a:58:00:05"));
    NetlinkRequest request = RouteMessages.addVeth(pair);
    assertEquals(16, request.type());
    assertEquals(0x600, request.flags());
    assertBytes(
        request,
        "00 00 0000 00000000 01000000 01000000", // struct ifinfomsg: IFF_UP
        "0800 0300 6f677800", // IFLA_IFNAME
        "0800 0400 dc050000", // IFLA_MTU
        "0800 0a00 03000000", // IFLA_MASTER
        "5000 1200", // IFLA_LINKINFO
        "0900 0100 7665746800 000000", // IFLA_INFO_KIND "veth"
        "4000 0200", // IFLA_INFO_DATA
        "3c00 0100", // VETH_INFO_PEER
        "00 00 0000 00000000 00000000 00000000",
        "0900 0300 6574683000 000000", // IFLA_IFNAME "eth0"
        "0a00 0100 0a6f0a580005 0000", // IFLA_ADDRESS
        "0800 0400 dc050000", // IFLA_MTU
        "0800 1c00 09000000"); // IFLA_NET_NS_FD
  }

  @Test
  void aMapElementIsKeyAndValueInNetworkOrder() {
    byte[] key = {6, 0, 0, 0, 0x1f, (byte) 0x90, 0, 0};
    byte[] value = {10, 88, 0, 5, 0, 80, 0, 0};
    NetlinkRequest request =
        new NftMessages("t").addElements("ports", List.of(new Element(key, value)));
    assertEquals(0x0a0c, request.type());
    assertBytes(
        request,
        "02 00 0000", // struct nfgenmsg: ip
        "0600 0100 7400 0000", // table
        "0a00 0200 706f72747300 0000", // set
        "2800 0380", // elements
        "2400 0180", // element
        "1000 0180 0c00 0100 06000000 1f900000", // key
        "1000 0280 0c00 0100 0a580005 00500000"); // value
  }

  @Test
  void aMapTellsTheTypesOfItsFields() {
    NetlinkRequest request =
        new NftMessages("t")
            .addMap(
                "m",
                1,
                List.of(Field.INET_PROTOCOL, Field.INET_SERVICE),
                List.of(Field.IPV4_ADDRESS, Field.INET_SERVICE));
    assertBytes(
        request,
        "02 00 0000",
        "0600 0100 7400 0000",
        "0600 0200 6d00 0000",
        "0800 0300 00000008", // NFT_SET_MAP
        "0800 0400 0000030d", // inet_proto . inet_service
        "0800 0500 00000008",
        "0800 0a00 00000001", // id
        "0800 0600 000001cd", // ipv4_addr . inet_service
        "0800 0700 00000008");
  }

  @Test
  void anAttributeThatDoesNotFitItsLengthIsRefused() {
    NetlinkWriter out = new NetlinkWriter();
    assertThrows(IllegalArgumentException.class, () -> out.attribute(1, new byte[70000]));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new NetlinkWriter()
                .nest(1, () -> out.bytes(new byte[1]).attribute(2, new byte[65535])));
  }
}
