package io.onggi.event;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Hands each event to every subscriber, in one order for all. Thread-safe. Publishing never waits:
 * a subscriber that does not keep up loses its oldest events and is told so ({@link Delivery.Gap}).
 *
 * @param <T> the events; immutable
 */
public final class EventHub<T> implements AutoCloseable {
  private final int capacity;
  // guarded by this
  private final Set<Subscription<T>> subscriptions = new LinkedHashSet<>();
  private long last;
  private boolean closed;

  /**
   * @param capacity events that one subscriber may be behind
   */
  public EventHub(int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("an event hub needs room for 1 event, not " + capacity);
    }
    this.capacity = capacity;
  }

  /** Its sequence number. After {@link #close} the event goes nowhere. */
  public synchronized long publish(T value) {
    Delivery.Event<T> event = new Delivery.Event<>(++last, value);
    subscriptions.forEach(subscription -> subscription.offer(event));
    return event.sequence();
  }

  /** Gets every event published from now on. To be closed. */
  public synchronized Subscription<T> subscribe() {
    Subscription<T> subscription = new Subscription<>(capacity, this::forget);
    if (closed) {
      subscription.end();
    } else {
      subscriptions.add(subscription);
    }
    return subscription;
  }

  private synchronized void forget(Subscription<T> subscription) {
    subscriptions.remove(subscription);
  }

  public synchronized int subscribers() {
    return subscriptions.size();
  }

  /** Subscribers read what is queued, then {@link Delivery.End}. Idempotent. */
  @Override
  public synchronized void close() {
    closed = true;
    List.copyOf(subscriptions).forEach(Subscription::end);
    subscriptions.clear();
  }
}
