package io.onggi.event;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * One listener's queue. One thread reads it; any may close it.
 *
 * @param <T> the events
 */
public final class Subscription<T> implements AutoCloseable {
  private final int capacity;
  private final Consumer<Subscription<T>> onClose;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // guarded by lock
  private final ArrayDeque<Delivery.Event<T>> queue = new ArrayDeque<>();
  private long lostFrom;
  private long lost;
  private boolean ended;

  Subscription(int capacity, Consumer<Subscription<T>> onClose) {
    this.capacity = capacity;
    this.onClose = onClose;
  }

  /** Never waits: beyond the capacity the oldest goes. */
  void offer(Delivery.Event<T> event) {
    lock.lock();
    try {
      if (ended) {
        return;
      }
      if (queue.size() == capacity) {
        long dropped = queue.removeFirst().sequence();
        lostFrom = lost == 0 ? dropped : lostFrom;
        lost++;
      }
      queue.addLast(event);
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  void end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * The next event, or a gap before it.
   *
   * @param patience how long to wait for one
   * @throws InterruptedException when the reading thread is interrupted
   */
  public Delivery<T> next(Duration patience) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = patience.toNanos();
      while (queue.isEmpty() && !ended && left > 0) {
        left = changed.awaitNanos(left);
      }
      if (lost > 0) {
        Delivery.Gap<T> gap = new Delivery.Gap<>(lostFrom, lost);
        lost = 0;
        return gap;
      }
      if (queue.isEmpty()) {
        return ended ? new Delivery.End<>() : new Delivery.Nothing<>();
      }
      return queue.removeFirst();
    } finally {
      lock.unlock();
    }
  }

  /** No more events; what is queued can still be read. Idempotent. */
  @Override
  public void close() {
    onClose.accept(this);
    end();
  }
}
