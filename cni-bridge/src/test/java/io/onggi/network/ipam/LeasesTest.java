package io.onggi.network.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.net.InetAddresses;
import io.onggi.error.CriException;
import io.onggi.network.IpPrefix;
import io.onggi.network.PortMapping;
import io.onggi.network.Protocol;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeasesTest {
  private static final PortMapping WEB =
      new PortMapping(Protocol.TCP, 80, 8080, Optional.of(address("192.0.2.1")));

  @TempDir Path directory;

  private static InetAddress address(String text) {
    return InetAddresses.forString(text);
  }

  private Leases leases(String cidr) {
    Leases leases = new Leases(directory);
    leases.ranges(List.of(IpPrefix.parse(cidr)));
    return leases;
  }

  private static String ip(Optional<Lease> lease) {
    return lease.orElseThrow().address().toString();
  }

  @Test
  void addressesGoRoundBeforeTheyComeBack() {
    AddressRange range = new AddressRange(IpPrefix.parse("10.1.2.9/29"));
    assertEquals(address("10.1.2.9"), range.gateway());
    assertEquals(5, range.capacity());
    for (String expected : List.of("10.1.2.10", "10.1.2.11")) {
      assertEquals(Optional.of(address(expected)), range.take());
    }
    range.release(address("10.1.2.10"));
    for (String expected : List.of("10.1.2.12", "10.1.2.13", "10.1.2.14", "10.1.2.10")) {
      assertEquals(Optional.of(address(expected)), range.take());
    }
    assertEquals(Optional.empty(), range.take());
    assertEquals(5, range.inUse());
  }

  @Test
  void gatewayNetworkAndBroadcastAreNobodys() {
    AddressRange range = new AddressRange(IpPrefix.parse("10.1.0.0/24"));
    assertFalse(range.take(address("10.1.0.0")));
    assertFalse(range.take(address("10.1.0.1")));
    assertFalse(range.take(address("10.1.0.255")));
    assertFalse(range.take(address("10.2.0.7")));
    assertTrue(range.take(address("10.1.0.254")));
    assertEquals(Optional.of(address("10.1.0.2")), range.take());
  }

  @Test
  void rangesWithoutRoomOrOfIpv6AreRefused() {
    for (String bad : List.of("10.0.0.0/31", "10.0.0.0/32", "fd00::/64")) {
      assertThrows(
          CriException.InvalidArgument.class, () -> new AddressRange(IpPrefix.parse(bad)), bad);
    }
  }

  @Test
  void aLeaseIsAFileNamedByItsAddressAndReadBackWhole() throws Exception {
    Lease made = leases("10.1.0.0/24").take("red", "og1", List.of(WEB)).orElseThrow();
    assertEquals(
        """
        onggi-lease 1
        sandbox red
        address 10.1.0.2/24
        gateway 10.1.0.1
        interface og1
        mac 0a:6f:0a:01:00:02
        port TCP 80 8080 192.0.2.1
        end
        """,
        Files.readString(directory.resolve("10.1.0.2")));
    Leases later = leases("10.1.0.0/24");
    assertEquals(List.of(made), List.copyOf(later.all()));
    assertEquals("10.1.0.3/24", ip(later.take("blue", "og2", List.of())));
    later.markReleased(made);
    assertTrue(
        new Leases(directory)
            .all().stream().filter(l -> l.sandboxId().equals("red")).allMatch(Lease::released));
    later.release(made);
    later.release(made);
    assertFalse(Files.exists(directory.resolve("10.1.0.2")));
  }

  @Test
  void twoDaemonsOnOneDirectoryNeverShareAnAddress() {
    Leases one = leases("10.1.0.0/29");
    Leases two = leases("10.1.0.0/29");
    assertEquals("10.1.0.2/29", ip(one.take("red", "og1", List.of())));
    assertEquals("10.1.0.3/29", ip(two.take("blue", "og2", List.of())));
    assertEquals("10.1.0.4/29", ip(one.take("green", "og3", List.of())));
  }

  @Test
  void aTornLeaseIsDroppedAndAForeignFileLeft() throws IOException {
    Files.writeString(directory.resolve("10.1.0.2"), "onggi-lease 1\nsandbox re");
    Files.writeString(directory.resolve("10.1.0.3"), "");
    Files.writeString(directory.resolve("README"), "not a lease");
    assertEquals(List.of(), List.copyOf(leases("10.1.0.0/24").all()));
    assertFalse(Files.exists(directory.resolve("10.1.0.2")));
    assertFalse(Files.exists(directory.resolve("10.1.0.3")));
    assertTrue(Files.exists(directory.resolve("README")));
  }

  @Test
  void anUnknownVersionAndADamagedLeaseAreNamed() throws IOException {
    Path file = directory.resolve("10.1.0.2");
    Files.writeString(file, "onggi-lease 9\nend\n");
    CriException e = assertThrows(CriException.Internal.class, () -> new Leases(directory));
    assertTrue(
        String.valueOf(e.getMessage()).startsWith("lease " + file + " starts with"),
        e.getMessage());
    Files.writeString(file, "onggi-lease 1\nsandbox red\nend\n");
    e = assertThrows(CriException.Internal.class, () -> new Leases(directory));
    assertEquals("lease " + file + " is damaged: no line \"address\"", e.getMessage());
  }

  @Test
  void usageSaysHowManyHoldWhat() {
    Leases leases = leases("10.1.0.0/30");
    assertTrue(leases.take("red", "og1", List.of()).isPresent());
    assertEquals(Optional.empty(), leases.take("blue", "og2", List.of()));
    assertEquals("10.1.0.0/30 (1 of 1 addresses held)", leases.usage());
  }

  @Test
  void aLeaseThatCannotBeWrittenTakesNoAddress() throws IOException {
    Path gone = directory.resolve("leases");
    Leases leases = new Leases(gone);
    leases.ranges(List.of(IpPrefix.parse("10.1.0.0/30")));
    Files.delete(gone);
    CriException e =
        assertThrows(CriException.Internal.class, () -> leases.take("red", "og1", List.of()));
    assertTrue(String.valueOf(e.getMessage()).contains(gone + "/10.1.0.2"), e.getMessage());
    Files.createDirectory(gone);
    assertEquals("10.1.0.2/30", ip(leases.take("red", "og1", List.of())));
  }
}
