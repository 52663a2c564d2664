package io.onggi.event;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Hands each event to every subscriber, in one order for all, and keeps the last ones for those
 * that come back. Thread-safe. Publishing never waits, and a subscriber is no more than its place
 * in what is kept: one that does not keep up costs nothing, and is told what it lost ({@link
 * Delivery.Gap}).
 *
 * @param <T> the events; immutable
 */
public final class EventHub<T> implements AutoCloseable {
  private final int capacity;
  final ReentrantLock lock = new ReentrantLock();
  final Condition published = lock.newCondition();
  // guarded by lock
  private final List<Delivery.Event<T>> ring =
      new ArrayList<>(); // event s is at (s - 1) % capacity
  private long last;
  private int subscribers;
  private boolean closed;

  /**
   * @param capacity events that are kept, and so how many a subscriber may be behind
   */
  public EventHub(int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("an event hub needs room for 1 event, not " + capacity);
    }
    this.capacity = capacity;
  }

  /** Its sequence number. After {@link #close} the event goes nowhere. */
  public long publish(T value) {
    lock.lock();
    try {
      if (closed) {
        return last + 1;
      }
      Delivery.Event<T> event = new Delivery.Event<>(++last, value);
      if (ring.size() < capacity) {
        ring.add(event);
      } else {
        ring.set(place(last), event);
      }
      published.signalAll();
      return last;
    } finally {
      lock.unlock();
    }
  }

  /** Gets every event published from now on. To be closed. */
  public Subscription<T> subscribe() {
    lock.lock();
    try {
      return at(last);
    } finally {
      lock.unlock();
    }
  }

  /** Gets every event that is kept, then those to come. To be closed. */
  public Subscription<T> subscribeToKept() {
    lock.lock();
    try {
      return at(firstKept() - 1);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Goes on behind an event. To be closed.
   *
   * @param sequence of the last event that the subscriber has; 0 for none
   * @return empty if events after it are no longer kept, or if it has not happened yet
   */
  public Optional<Subscription<T>> subscribeAfter(long sequence) {
    lock.lock();
    try {
      boolean there = sequence >= firstKept() - 1 && sequence <= last;
      return there ? Optional.of(at(sequence)) : Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  private Subscription<T> at(long sequence) {
    subscribers++;
    return new Subscription<>(this, sequence);
  }

  /** With the lock held. */
  long firstKept() {
    return last - ring.size() + 1;
  }

  /** With the lock held; of one that is kept. */
  Delivery.Event<T> event(long sequence) {
    return ring.get(place(sequence));
  }

  private int place(long sequence) {
    return (int) ((sequence - 1) % capacity);
  }

  /** With the lock held. */
  long last() {
    return last;
  }

  /** With the lock held. */
  boolean isClosed() {
    return closed;
  }

  /** With the lock held. */
  void left() {
    subscribers--;
    published.signalAll();
  }

  public int subscribers() {
    lock.lock();
    try {
      return subscribers;
    } finally {
      lock.unlock();
    }
  }

  /** Subscribers read what is kept, then {@link Delivery.End}. Idempotent. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      published.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
