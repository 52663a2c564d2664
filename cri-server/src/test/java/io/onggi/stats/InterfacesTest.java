package io.onggi.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class InterfacesTest {
  private static final String DEV =
      """
      Inter-|   Receive                                                |  Transmit
       face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop
          lo:    1000      10    0    0    0     0          0         0     1000      10    0    0    0     0       0          0
      og12ab: 18446744073709551615 9 2 0 0 0 0 0 70 8 5 0 0 0 0 0
      """;

  @Test
  void a_pod_received_what_the_hosts_end_sent() {
    assertEquals(
        Optional.of(
            new Interfaces.Counters(
                new Interfaces.Direction(70, 8, 5, 0),
                new Interfaces.Direction(-1, 9, 2, 0))), // -1 is 2^64-1 as an unsigned number
        Interfaces.parse(DEV).ofPodBehind("og12ab"));
  }

  @Test
  void an_interface_that_is_gone_has_no_counters() {
    assertEquals(Optional.empty(), Interfaces.parse(DEV).ofPodBehind("og99"));
  }

  @Test
  void the_host_has_a_loopback() {
    assertTrue(Interfaces.ofHost().byName().containsKey("lo"));
  }
}
