package io.onggi.network.netlink;

import io.onggi.network.IpPrefix;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One nf_tables rule under construction: a list of expressions that work on registers
 * (linux/netfilter/nf_tables.h). Registers are the 32-bit ones, numbered 0 to 15 here. A condition
 * that does not hold ends the rule.
 */
public final class NftRule {
  private static final int REG32_00 = 8;
  private static final int NETWORK_HEADER = 1;
  private static final int TRANSPORT_HEADER = 2;
  private static final int IPV4_SOURCE = 12;
  private static final int IPV4_DESTINATION = 16;
  private static final int PORT_DESTINATION = 2;
  private static final int META_IIFNAME = 6;
  private static final int META_OIFNAME = 7;
  private static final int META_L4PROTO = 16;
  private static final int CT_PROTO_DST = 12;
  private static final int IFNAMSIZ = 16;
  private static final int CMP_EQ = 0;
  private static final int CMP_NEQ = 1;
  private static final int FIB_RESULT_ADDRTYPE = 3;
  private static final int FIB_DADDR = 2;
  private static final int RTN_LOCAL = 2;
  private static final int VERDICT_JUMP = -3;
  private static final int VERDICT_DROP = 0;
  private static final int NFPROTO_IPV4 = 2;
  private static final int DNAT = 1;
  private static final int RANDOM_FULLY = 0x10;

  private final NetlinkWriter out = new NetlinkWriter();

  /** Which end of the packet. */
  public enum Side {
    SOURCE(IPV4_SOURCE),
    DESTINATION(IPV4_DESTINATION);

    private final int offset;

    Side(int offset) {
      this.offset = offset;
    }
  }

  byte[] expressions() {
    return out.toBytes();
  }

  /** Condition: the packet came in through that interface. */
  public NftRule inputIs(String link) {
    return meta(META_IIFNAME, 0).compare(CMP_EQ, linkName(link));
  }

  /** Condition: the packet goes out through that interface. */
  public NftRule outputIs(String link) {
    return meta(META_OIFNAME, 0).compare(CMP_EQ, linkName(link));
  }

  public NftRule outputIsNot(String link) {
    return meta(META_OIFNAME, 0).compare(CMP_NEQ, linkName(link));
  }

  /** Condition: that address lies in the IPv4 range. */
  public NftRule in(Side side, IpPrefix range) {
    return loadMasked(side, range).compare(CMP_EQ, range.network().address().getAddress());
  }

  public NftRule notIn(Side side, IpPrefix range) {
    return loadMasked(side, range).compare(CMP_NEQ, range.network().address().getAddress());
  }

  /** Condition: the destination is an address of the node (fib daddr type local). */
  public NftRule toLocalAddress() {
    expression(
        "fib",
        () ->
            out.attributeBe32(1, REG32_00)
                .attributeBe32(2, FIB_RESULT_ADDRTYPE)
                .attributeBe32(3, FIB_DADDR));
    // The result is a number in host order, unlike packet data.
    ByteBuffer local = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder());
    return compare(CMP_EQ, local.putInt(RTN_LOCAL).array());
  }

  public NftRule loadProtocol(int register) {
    return meta(META_L4PROTO, register);
  }

  public NftRule loadDestinationPort(int register) {
    return payload(TRANSPORT_HEADER, PORT_DESTINATION, 2, register);
  }

  public NftRule loadAddress(Side side, int register) {
    return payload(NETWORK_HEADER, side.offset, 4, register);
  }

  /** The port that the connection's first packet was sent to, before any NAT. */
  public NftRule loadOriginalDestinationPort(int register) {
    return expression(
        "ct",
        () ->
            out.attributeBe32(1, REG32_00 + register)
                .attributeBe32(2, CT_PROTO_DST)
                .attributeU8(3, 0));
  }

  /** Condition: the key that starts in register 0 is in the set. */
  public NftRule inSet(String set, int id) {
    return expression(
        "lookup",
        () -> out.attributeString(1, set).attributeBe32(2, REG32_00).attributeBe32(4, id));
  }

  /** Condition: the key that starts in register 0 is in the map; its value replaces it. */
  public NftRule lookup(String map, int id) {
    return expression(
        "lookup",
        () ->
            out.attributeString(1, map)
                .attributeBe32(2, REG32_00)
                .attributeBe32(3, REG32_00)
                .attributeBe32(4, id));
  }

  /** Sends the connection to the address in register 0, port in register 1. */
  public NftRule destinationNat() {
    return expression(
        "nat",
        () ->
            out.attributeBe32(1, DNAT)
                .attributeBe32(2, NFPROTO_IPV4)
                .attributeBe32(3, REG32_00)
                .attributeBe32(5, REG32_00 + 1));
  }

  /**
   * Sends the connection out under the address of the outgoing interface, from a random port: two
   * pods that choose the same one at once do not lose a packet.
   */
  public NftRule masquerade() {
    return expression("masq", () -> out.attributeBe32(1, RANDOM_FULLY));
  }

  public NftRule jump(String chain) {
    return verdict(() -> out.attributeBe32(1, VERDICT_JUMP).attributeString(2, chain));
  }

  public NftRule drop() {
    return verdict(() -> out.attributeBe32(1, VERDICT_DROP));
  }

  private NftRule verdict(Runnable content) {
    return expression(
        "immediate", () -> out.attributeBe32(1, 0).nest(2, () -> out.nest(2, content)));
  }

  private NftRule loadMasked(Side side, IpPrefix range) {
    loadAddress(side, 0);
    int mask = range.length() == 0 ? 0 : -1 << (32 - range.length());
    byte[] maskBytes = ByteBuffer.allocate(4).putInt(mask).array();
    return expression(
        "bitwise",
        () ->
            out.attributeBe32(1, REG32_00)
                .attributeBe32(2, REG32_00)
                .attributeBe32(3, 4)
                .nest(4, () -> out.attribute(1, maskBytes))
                .nest(5, () -> out.attribute(1, new byte[4])));
  }

  private NftRule meta(int key, int register) {
    return expression(
        "meta", () -> out.attributeBe32(1, REG32_00 + register).attributeBe32(2, key));
  }

  private NftRule payload(int base, int offset, int length, int register) {
    return expression(
        "payload",
        () ->
            out.attributeBe32(1, REG32_00 + register)
                .attributeBe32(2, base)
                .attributeBe32(3, offset)
                .attributeBe32(4, length));
  }

  private NftRule compare(int operation, byte[] value) {
    return expression(
        "cmp",
        () ->
            out.attributeBe32(1, REG32_00)
                .attributeBe32(2, operation)
                .nest(3, () -> out.attribute(1, value)));
  }

  private NftRule expression(String name, Runnable content) {
    out.nest(1, () -> out.attributeString(1, name).nest(2, content));
    return this;
  }

  private static byte[] linkName(String link) {
    return Arrays.copyOf(link.getBytes(StandardCharsets.UTF_8), IFNAMSIZ);
  }
}
