package io.onggi.event;

/**
 * What a subscriber reads.
 *
 * @param <T> the events
 */
public sealed interface Delivery<T> {
  /**
   * @param sequence 1 for the hub's first event, then without holes
   */
  record Event<T>(long sequence, T value) implements Delivery<T> {}

  /**
   * The subscriber was too slow and these are lost to it; it should look at the state itself.
   *
   * @param first the first lost sequence number
   * @param count how many
   */
  record Gap<T>(long first, long count) implements Delivery<T> {}

  /** Nothing within the time asked for; ask again. */
  record Nothing<T>() implements Delivery<T> {}

  /** The hub or the subscription was closed, and everything before it has been read. */
  record End<T>() implements Delivery<T> {}
}
