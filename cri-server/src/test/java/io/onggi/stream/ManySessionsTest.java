package io.onggi.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The server at its limits, through real sockets and descriptors, with the defaults. */
class ManySessionsTest {
  private static final String V4 = "v4.channel.k8s.io";
  private static final int LIMIT = StreamLimits.defaults().sessions();
  private static final long SETTLED_NANOS = 500_000_000L;
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  private final FakeTargets targets = new FakeTargets();
  private final Streams streams =
      Streams.start(targets, StreamLimits.defaults(), () -> Instant.EPOCH);
  private final List<Session> sessions = new ArrayList<>();

  /** A client and its streams. */
  private record Session(SpdyTestClient client, int stdin, int stdout) {}

  @AfterEach
  void stop() throws IOException {
    for (Session session : sessions) {
      session.client().close();
    }
    streams.close();
  }

  private Session open(String command) throws IOException {
    StreamSet set = new StreamSet(false, true, true, false);
    SpdyTestClient client =
        new SpdyTestClient(streams.url(new StreamRequest.Exec("c1", List.of(command), set)), V4);
    int _ = client.open("streamType", "error");
    Session session =
        new Session(
            client, client.open("streamType", "stdin"), client.open("streamType", "stdout"));
    sessions.add(session);
    return session;
  }

  @Test
  void a_thousand_sessions_are_live_at_once_without_a_thread_each_and_one_more_is_told_to_wait()
      throws IOException {
    for (int i = 0; i < LIMIT; i++) {
      Session session = open("loop");
      session.client().write(session.stdin(), "a", false);
    }
    for (Session session : sessions) {
      assertEquals("a", session.client().readText(session.stdout(), 1));
    }
    int threads = Thread.getAllStackTraces().size();
    assertTrue(threads < 100, threads + " threads");
    assertTrue(streams.heldBytes() < 1 << 20, "held: " + streams.heldBytes());

    String url =
        streams.url(
            new StreamRequest.Exec("c1", List.of("loop"), new StreamSet(false, true, true, false)));
    try (SpdyTestClient refused = new SpdyTestClient(url, V4)) {
      String head = refused.head().toLowerCase(Locale.ROOT);
      assertTrue(head.startsWith("http/1.1 429") && head.contains("retry-after: 5"), head);
    }
    for (Session session : sessions) {
      session.client().write(session.stdin(), "b", false);
    }
    for (Session session : sessions) {
      assertEquals("ab", session.client().readText(session.stdout(), 2));
    }

    sessions.getFirst().client().close();
    settled(() -> streams.sessions(), 0);
    try (SpdyTestClient accepted = new SpdyTestClient(url, V4)) {
      assertTrue(accepted.head().startsWith("HTTP/1.1 101"), accepted.head());
    }
  }

  @Test
  void clients_that_read_nothing_stop_their_producers_and_cost_a_bounded_part_of_memory()
      throws IOException {
    int stuck = 64;
    for (int i = 0; i < stuck; i++) {
      open("spring");
    }
    long chunks = settled(targets.flooded::get, stuck);
    long held = streams.heldBytes();
    // What is plenty, and beyond it a small chunk each; the last large one went just over.
    long bound =
        StreamMemory.PLENTY
            + StreamMemory.LARGE
            + (long) stuck * (StreamMemory.SMALL + StreamMemory.ROOM);
    assertTrue(held <= bound, held + " bytes are held, more than " + bound);
    assertTrue(held > 0, "nobody is stuck: the test measures nothing");

    Session quick = open("loop");
    quick.client().write(quick.stdin(), "still there", false);
    assertEquals("still there", quick.client().readText(quick.stdout(), 11));

    // One that begins to read makes its producer go on.
    Session first = sessions.getFirst();
    while (targets.flooded.get() < chunks + 100) {
      first.client().readOnce();
    }
  }

  @Test
  void a_process_that_does_not_read_its_stdin_stops_its_client() throws Exception {
    Session session = open("sleep");
    long[] written = {0};
    byte[] block = new byte[1 << 20];
    Thread writer =
        Thread.ofPlatform()
            .daemon()
            .start(
                () -> {
                  try {
                    for (int i = 0; i < 1024; i++) {
                      session.client().write(session.stdin(), block);
                      synchronized (written) {
                        written[0] += block.length;
                      }
                    }
                  } catch (IOException _) {
                    // closed at the end of the test
                  }
                });
    long bytes =
        settled(
            () -> {
              synchronized (written) {
                return (int) (written[0] >> 10);
              }
            },
            1);
    assertTrue(bytes < 64 << 10, bytes + " KiB of 1 GiB were taken from a client nobody reads");
    assertTrue(streams.heldBytes() <= Intake.HIGH + (128 << 10), "held: " + streams.heldBytes());
    Session quick = open("loop");
    quick.client().write(quick.stdin(), "x", false);
    assertEquals("x", quick.client().readText(quick.stdout(), 1));
    session.client().close();
    writer.join();
  }

  /** The number once it has reached {@code least} and no longer changes. */
  private static long settled(java.util.function.IntSupplier number, int least) {
    long begin = System.nanoTime();
    long since = begin;
    int last = number.getAsInt();
    while (last < least || System.nanoTime() - since < SETTLED_NANOS) {
      assertTrue(System.nanoTime() - begin < PATIENCE_NANOS, "it never settles: " + last);
      LockSupport.parkNanos(10_000_000);
      int now = number.getAsInt();
      if (now != last) {
        last = now;
        since = System.nanoTime();
      }
    }
    return last;
  }
}
