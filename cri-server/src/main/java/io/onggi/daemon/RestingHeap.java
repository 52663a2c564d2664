package io.onggi.daemon;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Gives memory back when a burst of work is over: one full collection a second after the last
 * change, after which the JVM shrinks the heap (MaxHeapFreeRatio) and trims the native one. A
 * collection of this daemon's few live megabytes takes about 30 ms; during a burst none is asked
 * for.
 */
final class RestingHeap {
  private static final Duration QUIET = Duration.ofSeconds(1);
  private static final Duration BETWEEN = Duration.ofSeconds(5);

  private final LongSupplier nanoTime;
  private final Runnable collect;
  private final AtomicLong touchedAt = new AtomicLong();
  private volatile boolean rested = true;
  private long collectedAt;

  /**
   * @param nanoTime a monotonic clock
   * @param collect what gives memory back
   */
  RestingHeap(LongSupplier nanoTime, Runnable collect) {
    this.nanoTime = nanoTime;
    this.collect = collect;
    this.collectedAt = nanoTime.getAsLong() - BETWEEN.toNanos();
  }

  /** Looks twice a second from now on. */
  void watch(ScheduledExecutorService timer) {
    var _ = timer.scheduleWithFixedDelay(this::look, 500, 500, TimeUnit.MILLISECONDS);
  }

  /** Something was changed: the heap has grown. Cheap, called by every change of state. */
  void touched() {
    touchedAt.set(nanoTime.getAsLong());
    rested = false;
  }

  /** Collects when work has been done, none is being done, and the last time is long enough ago. */
  void look() {
    long now = nanoTime.getAsLong();
    boolean due =
        !rested
            && now - touchedAt.get() >= QUIET.toNanos()
            && now - collectedAt >= BETWEEN.toNanos();
    if (due) {
      rested = true;
      collect.run();
      collectedAt = nanoTime.getAsLong();
    }
  }
}
