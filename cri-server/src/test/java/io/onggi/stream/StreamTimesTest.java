package io.onggi.stream;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The kubelet's own times (30 s to open the streams, 4 h without a byte), on a clock of the test.
 */
class StreamTimesTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration CREATION = Duration.ofSeconds(30);
  private static final Duration IDLE = Duration.ofHours(4);
  private static final StreamRequest EXEC =
      new StreamRequest.Exec("c1", List.of("loop"), new StreamSet(false, true, true, false));
  private static final StreamRequest FORWARD = new StreamRequest.PortForward("p1", List.of());

  /** SPDY's ping, number 1: four bytes of control header, length, id. */
  private static final byte[] PING = {(byte) 0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 1};

  private final OneConnection connection = new OneConnection(new FakeTargets());

  @AfterEach
  void close() {
    connection.close();
  }

  private void upgrade(StreamRequest request, String version) {
    connection.receive(
        connection.upgrade(request, "SPDY/3.1", "X-Stream-Protocol-Version: " + version));
    String head = connection.sent();
    assertTrue(head.startsWith("HTTP/1.1 101"), head);
  }

  @Test
  void a_client_that_never_asks_is_closed_after_30_seconds() {
    connection.pass(CREATION.minus(SECOND));
    assertTrue(connection.isOpen());
    connection.pass(SECOND);
    assertFalse(connection.isOpen());
  }

  @Test
  void a_client_that_does_not_open_its_streams_is_closed_after_30_seconds() {
    upgrade(EXEC, "v4.channel.k8s.io");
    connection.pass(CREATION.minus(SECOND));
    assertTrue(connection.isOpen());
    connection.pass(SECOND);
    assertFalse(connection.isOpen());
  }

  @Test
  void a_session_ends_after_four_hours_without_a_byte_and_every_byte_counts_anew() {
    upgrade(FORWARD, "portforward.k8s.io");
    connection.pass(IDLE.minus(SECOND));
    assertTrue(connection.isOpen());
    connection.receive(PING);
    assertTrue(connection.sent().length() == PING.length, "the ping is answered");
    connection.pass(IDLE.minus(SECOND));
    assertTrue(connection.isOpen());
    connection.pass(SECOND.multipliedBy(2));
    assertFalse(connection.isOpen());
  }
}
