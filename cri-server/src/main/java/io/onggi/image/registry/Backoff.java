package io.onggi.image.registry;

import java.time.Duration;

/** How often a request is tried again, and the wait before it. */
interface Backoff {
  int RETRIES = 2;

  /**
   * Waits before the next try.
   *
   * @param attempt 0 before the first repetition
   */
  void pause(int attempt) throws InterruptedException;

  /** 0.2 s, then 0.8 s. */
  static Duration delay(int attempt) {
    return Duration.ofMillis(200L << (2 * Math.min(attempt, 5)));
  }
}
