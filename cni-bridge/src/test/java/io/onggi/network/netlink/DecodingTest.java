package io.onggi.network.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.linux.LinuxException;
import io.onggi.linux.NetlinkSocket;
import io.onggi.network.MacAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever the bytes are, reading them ends in a value or in one kind of exception. */
@Timeout(30)
class DecodingTest {
  private static final int ROUNDS = 20_000;

  /** One link of a dump: index 7, up, named, with MTU, master, address and kind. */
  private static byte[] linkDatagram() {
    NetlinkWriter out = new NetlinkWriter();
    out.u8(0).u8(0).u16(1).u32(7).u32(1).u32(0);
    out.attributeString(3, "og1")
        .attributeU32(4, 1450)
        .attributeU32(10, 3)
        .attribute(1, new MacAddress(0x0a6f0a580005L).bytes())
        .nest(18, () -> out.attributeString(1, "veth"));
    return datagram(16, 0, out.toBytes());
  }

  private static byte[] errorDatagram() {
    NetlinkWriter out = new NetlinkWriter().u32(-17).bytes(new byte[16]);
    out.attributeString(1, "Device already exists");
    return datagram(2, 0x300, out.toBytes());
  }

  private static byte[] datagram(int type, int flags, byte[] body) {
    ByteBuffer out = ByteBuffer.allocate(16 + body.length).order(ByteOrder.nativeOrder());
    out.putInt(16 + body.length).putShort((short) type).putShort((short) flags);
    return out.putInt(1).putInt(0).put(body).array();
  }

  private static List<NetlinkMessage> read(byte[] bytes) {
    return NetlinkReader.messages(ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()));
  }

  @Test
  void aLinkIsReadWithAllThatWeAskOf() {
    Link link = RouteMessages.decodeLink(read(linkDatagram()).getFirst().body());
    Link expected =
        new Link(
            7,
            "og1",
            true,
            1450,
            OptionalInt.of(3),
            Optional.of(MacAddress.parse("0a:6f:0a:58:00:05")),
            "veth");
    assertEquals(expected, link);
  }

  @Test
  void anErrorComesWithTheKernelsSentence() {
    NetlinkMessage message = read(errorDatagram()).getFirst();
    assertEquals(OptionalInt.of(17), NetlinkClient.errorOf(message));
    assertEquals("Device already exists", NetlinkClient.hintOf(message));
  }

  @Test
  void aMessageThatClaimsMoreThanThereIsIsNamed() {
    byte[] bytes = linkDatagram();
    bytes[0]++;
    NetlinkFormatException e = assertThrows(NetlinkFormatException.class, () -> read(bytes));
    assertTrue(String.valueOf(e.getMessage()).startsWith("netlink: message of "), e.getMessage());
  }

  @Test
  void truncatedBytesEndCleanlyAtEveryLength() {
    for (byte[] whole : List.of(linkDatagram(), errorDatagram())) {
      for (int length = 0; length < whole.length; length++) {
        readAll(Arrays.copyOf(whole, length));
      }
    }
  }

  @Test
  void changedBytesEndCleanly() {
    Random random = new Random(3);
    for (int round = 0; round < ROUNDS; round++) {
      byte[] bytes = random.nextBoolean() ? linkDatagram() : errorDatagram();
      for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      readAll(bytes);
    }
  }

  @Test
  void randomBytesEndCleanly() {
    Random random = new Random(6);
    for (int round = 0; round < ROUNDS; round++) {
      byte[] bytes = new byte[random.nextInt(128)];
      random.nextBytes(bytes);
      readAll(bytes);
      readBody(bytes);
    }
  }

  /** Also with a right outer header, so that the bodies are reached. */
  private static void readBody(byte[] body) {
    readAll(datagram(16, 0, body));
    readAll(datagram(2, 0x300, body));
  }

  private static void readAll(byte[] bytes) {
    try {
      for (NetlinkMessage message : read(bytes)) {
        decode(message);
      }
    } catch (NetlinkFormatException e) {
      assertTrue(String.valueOf(e.getMessage()).startsWith("netlink: "), e.getMessage());
    }
  }

  private static void decode(NetlinkMessage message) {
    List<Runnable> decoders =
        List.of(
            () -> RouteMessages.decodeLink(message.body()),
            () -> RouteMessages.decodeRoute(message.body()),
            () -> NetlinkClient.errorOf(message),
            () -> NetlinkClient.hintOf(message));
    for (Runnable decoder : decoders) {
      try {
        decoder.run();
      } catch (NetlinkFormatException e) {
        assertTrue(String.valueOf(e.getMessage()).startsWith("netlink: "), e.getMessage());
      }
    }
  }

  @Test
  void aKernelThatSaysNothingIsWaitedForNoLongerThanTheTimeout() {
    try (var socket = NetlinkSocket.open(NetlinkSocket.ROUTE, Duration.ofMillis(50))) {
      var e = assertThrows(LinuxException.class, socket::receive);
      assertEquals(
          "receive from rtnetlink socket: Resource temporarily unavailable (EAGAIN)",
          e.getMessage());
    }
  }
}
