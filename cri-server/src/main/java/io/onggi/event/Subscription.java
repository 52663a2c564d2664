package io.onggi.event;

import java.time.Duration;

/**
 * One listener's place in an {@link EventHub}. One thread reads it; any may close it.
 *
 * @param <T> the events
 */
public final class Subscription<T> implements AutoCloseable {
  private final EventHub<T> hub;
  // guarded by the hub's lock
  private long next;
  private long end = Long.MAX_VALUE;

  /**
   * @param after the last event that it has
   */
  Subscription(EventHub<T> hub, long after) {
    this.hub = hub;
    this.next = after + 1;
  }

  /** The sequence number of what comes next, if nothing is lost. */
  public long position() {
    hub.lock.lock();
    try {
      return next;
    } finally {
      hub.lock.unlock();
    }
  }

  /** Whether the next event is lost already: the reader was too slow. */
  public boolean isBehind() {
    hub.lock.lock();
    try {
      return next < hub.firstKept();
    } finally {
      hub.lock.unlock();
    }
  }

  /**
   * The next event, or a gap before it.
   *
   * @param patience how long to wait for one
   * @throws InterruptedException when the reading thread is interrupted
   */
  public Delivery<T> next(Duration patience) throws InterruptedException {
    hub.lock.lockInterruptibly();
    try {
      long left = patience.toNanos();
      while (next > hub.last() && !isOver() && left > 0) {
        left = hub.published.awaitNanos(left);
      }
      long first = hub.firstKept();
      if (next < first && first <= end) {
        Delivery.Gap<T> gap = new Delivery.Gap<>(next, first - next);
        next = first;
        return gap;
      }
      if (next <= hub.last() && next <= end) {
        return hub.event(next++);
      }
      return isOver() ? new Delivery.End<>() : new Delivery.Nothing<>();
    } finally {
      hub.lock.unlock();
    }
  }

  private boolean isOver() {
    return hub.isClosed() || next > end;
  }

  /** No more events; those of before can still be read. Idempotent. */
  @Override
  public void close() {
    hub.lock.lock();
    try {
      if (end == Long.MAX_VALUE) {
        end = hub.last();
        hub.left();
      }
    } finally {
      hub.lock.unlock();
    }
  }
}
