package io.onggi.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.net.InetAddresses;
import io.onggi.error.CriException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The network's small value types. */
class WordsTest {
  @Test
  void aPrefixKnowsItsRange() {
    IpPrefix pod = IpPrefix.parse("10.88.3.5/16");
    assertEquals("10.88.0.0/16", pod.network().toString());
    assertEquals("10.88.0.1", pod.at(1).getHostAddress());
    assertEquals(3 * 256 + 5, pod.offsetOf(pod.address()));
    assertTrue(pod.contains(InetAddresses.forString("10.88.255.255")));
    assertFalse(pod.contains(InetAddresses.forString("10.89.0.0")));
    assertFalse(pod.contains(InetAddresses.forString("fd00::1")));
    assertEquals("fd00::/64", IpPrefix.parse("fd00::7/64").network().toString());
    assertEquals("0.0.0.0/0", IpPrefix.parse("9.9.9.9/0").network().toString());
  }

  @Test
  void overlapIsSymmetric() {
    IpPrefix wide = IpPrefix.parse("10.88.0.0/16");
    IpPrefix narrow = IpPrefix.parse("10.88.7.0/24");
    IpPrefix other = IpPrefix.parse("10.99.0.0/16");
    assertTrue(wide.overlaps(narrow) && narrow.overlaps(wide));
    assertFalse(wide.overlaps(other) || other.overlaps(narrow));
  }

  @Test
  void whatIsNoCidrIsSaidToBeNone() {
    for (String bad :
        List.of("", "10.0.0.0", "10.0.0/8", "10.0.0.0/33", "x/8", "10.0.0.0/", "/8")) {
      CriException e =
          assertThrows(CriException.InvalidArgument.class, () -> IpPrefix.parse(bad), bad);
      assertTrue(String.valueOf(e.getMessage()).contains("not"), e.getMessage());
    }
  }

  @Test
  void portsOutsideTheirRangeAreRefused() {
    assertThrows(CriException.InvalidArgument.class, () -> port(0, 80));
    assertThrows(CriException.InvalidArgument.class, () -> port(65536, 80));
    assertThrows(CriException.InvalidArgument.class, () -> port(80, -1));
    assertThrows(CriException.InvalidArgument.class, () -> port(80, 65536));
    assertFalse(port(80, 0).isMapped());
    assertEquals("8080->80/TCP", port(80, 8080).toString());
  }

  @Test
  void theUnspecifiedHostAddressMeansAll() {
    var any = Optional.of(InetAddresses.forString("0.0.0.0"));
    var any6 = Optional.of(InetAddresses.forString("::"));
    assertEquals(port(80, 8080), new PortMapping(Protocol.TCP, 80, 8080, any));
    assertEquals(port(80, 8080), new PortMapping(Protocol.TCP, 80, 8080, any6));
  }

  private static PortMapping port(int containerPort, int hostPort) {
    return new PortMapping(Protocol.TCP, containerPort, hostPort, Optional.empty());
  }

  @Test
  void aMacAddressReadsAsItPrints() {
    MacAddress mac = MacAddress.parse("0A:6f:0a:58:00:05");
    assertEquals("0a:6f:0a:58:00:05", mac.toString());
    assertEquals(mac, MacAddress.ofBytes(mac.bytes()));
    assertThrows(IllegalArgumentException.class, () -> MacAddress.parse("0a:6f"));
    assertThrows(IllegalArgumentException.class, () -> new MacAddress(1L << 48));
  }
}
