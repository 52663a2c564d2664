package io.onggi.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RestingHeapTest {
  private final AtomicLong clock = new AtomicLong();
  private final AtomicInteger collections = new AtomicInteger();
  private final RestingHeap heap = new RestingHeap(clock::get, collections::incrementAndGet);

  private void pass(long millis) {
    clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
    heap.look();
  }

  @Test
  void nothingIsCollectedWhereNothingWasDone() {
    pass(10_000);
    assertEquals(0, collections.get());
  }

  @Test
  void aBurstIsFollowedByOneCollectionASecondAfterItsLastChange() {
    heap.touched();
    pass(900);
    heap.touched();
    pass(900);
    assertEquals(0, collections.get(), "the burst is not over");
    pass(200);
    pass(10_000);
    assertEquals(1, collections.get());
  }

  @Test
  void twoCollectionsAreFiveSecondsApart() {
    heap.touched();
    pass(1_000);
    heap.touched();
    pass(1_000);
    assertEquals(1, collections.get());
    pass(4_000);
    assertEquals(2, collections.get());
  }
}
