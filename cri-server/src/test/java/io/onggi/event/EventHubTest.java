package io.onggi.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class EventHubTest {
  private static final Duration NOW = Duration.ZERO;
  private static final Duration LONG = Duration.ofSeconds(30);

  @Test
  void everySubscriberReadsEveryEventSinceItCame() throws InterruptedException {
    try (EventHub<String> hub = new EventHub<>(8)) {
      hub.publish("before");
      Subscription<String> one = hub.subscribe();
      Subscription<String> two = hub.subscribe();
      assertEquals(2, hub.publish("a"));
      assertEquals(3, hub.publish("b"));
      for (Subscription<String> subscription : List.of(one, two)) {
        assertEquals(new Delivery.Event<>(2, "a"), subscription.next(NOW));
        assertEquals(new Delivery.Event<>(3, "b"), subscription.next(NOW));
        assertEquals(new Delivery.Nothing<>(), subscription.next(NOW));
      }
      one.close();
      assertEquals(1, hub.subscribers());
      hub.publish("c");
      assertEquals(new Delivery.End<>(), one.next(LONG));
      assertEquals(new Delivery.Event<>(4, "c"), two.next(NOW));
    }
  }

  @Test
  void aSlowSubscriberLosesTheOldestAndIsToldWhichWhileOthersLoseNothing()
      throws InterruptedException {
    try (EventHub<Integer> hub = new EventHub<>(3)) {
      Subscription<Integer> slow = hub.subscribe();
      Subscription<Integer> quick = hub.subscribe();
      for (int i = 1; i <= 10; i++) {
        hub.publish(i);
        assertEquals(new Delivery.Event<>(i, i), quick.next(NOW));
      }
      assertEquals(new Delivery.Gap<>(1, 7), slow.next(NOW));
      assertEquals(new Delivery.Event<>(8, 8), slow.next(NOW));
      assertEquals(new Delivery.Event<>(9, 9), slow.next(NOW));
      hub.publish(11);
      assertEquals(new Delivery.Event<>(10, 10), slow.next(NOW));
      assertEquals(new Delivery.Event<>(11, 11), slow.next(NOW));
    }
  }

  @Test
  void closingTheHubEndsAWaitingReaderAfterWhatIsQueued() throws Exception {
    EventHub<String> hub = new EventHub<>(3);
    Subscription<String> subscription = hub.subscribe();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<List<Delivery<String>>> reader =
          executor.submit(
              () -> {
                List<Delivery<String>> read = new ArrayList<>();
                Delivery<String> next;
                do {
                  next = subscription.next(LONG);
                  read.add(next);
                } while (!(next instanceof Delivery.End));
                return read;
              });
      hub.publish("last");
      hub.close();
      hub.publish("nobody hears this");
      assertEquals(List.of(new Delivery.Event<>(1, "last"), new Delivery.End<>()), reader.get());
    }
    assertEquals(new Delivery.End<>(), hub.subscribe().next(LONG));
  }

  @Test
  void publishersAtTheSameTimeAreSeenInOneOrderWithoutHoles() throws Exception {
    long publishers = 4;
    int each = 500;
    try (EventHub<Integer> hub = new EventHub<>(2000);
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Subscription<Integer> one = hub.subscribe();
      Subscription<Integer> two = hub.subscribe();
      for (int p = 0; p < publishers; p++) {
        executor.execute(
            () -> {
              for (int i = 0; i < each; i++) {
                hub.publish(i);
              }
            });
      }
      for (long sequence = 1; sequence <= publishers * each; sequence++) {
        Delivery<Integer> first = one.next(LONG);
        assertEquals(first, two.next(LONG));
        assertTrue(first instanceof Delivery.Event<Integer>(long s, _) && s == sequence);
      }
    }
  }

  @Test
  void aSubscriberThatComesBackGoesOnBehindWhatItHas() throws InterruptedException {
    try (EventHub<String> hub = new EventHub<>(3)) {
      hub.publish("a");
      hub.publish("b");
      Subscription<String> back = hub.subscribeAfter(1).orElseThrow();
      assertEquals(2, back.position());
      assertEquals(new Delivery.Event<>(2, "b"), back.next(NOW));
      assertEquals(new Delivery.Nothing<>(), back.next(NOW));
      assertEquals(new Delivery.Event<>(1, "a"), hub.subscribeAfter(0).orElseThrow().next(NOW));
      assertEquals(new Delivery.Event<>(1, "a"), hub.subscribeToKept().next(NOW));
      assertTrue(hub.subscribeAfter(3).isEmpty(), "event 3 has not happened");
      hub.publish("c");
      hub.publish("d");
      assertTrue(hub.subscribeAfter(0).isEmpty(), "event 1 is no longer kept");
      assertEquals(new Delivery.Event<>(2, "b"), hub.subscribeAfter(1).orElseThrow().next(NOW));
      assertEquals(new Delivery.Event<>(2, "b"), hub.subscribeToKept().next(NOW));
    }
  }

  @Test
  void aSubscriberThatIsTooSlowIsSeenToBeBeforeItReads() {
    try (EventHub<String> hub = new EventHub<>(2)) {
      Subscription<String> slow = hub.subscribe();
      hub.publish("a");
      hub.publish("b");
      assertFalse(slow.isBehind());
      hub.publish("c");
      assertTrue(slow.isBehind());
    }
  }

  @Test
  void aHubWithoutRoomIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new EventHub<String>(0));
  }
}
