package io.onggi.stats;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Load of each container over about the last 10 seconds: exponential, so that it needs no sampler
 * of its own; it is brought on by the calls that ask for it.
 */
final class LoadAverages {
  private static final double WINDOW_NANOS = 10e9;
  private static final int THOUSANDTHS = 1000;

  private record Load(long tick, double running, double uninterruptible) {
    Load next(long now, ProcessCounts.States states) {
      double old = Math.exp(-(now - tick) / WINDOW_NANOS);
      return new Load(
          now,
          running * old + states.running() * (1 - old),
          uninterruptible * old + states.uninterruptible() * (1 - old));
    }
  }

  /** In thousandths of a thread. */
  record Average(long running, long uninterruptible) {}

  private final Map<String, Load> loads = new ConcurrentHashMap<>();

  /**
   * @param tick monotonic, nanoseconds
   */
  Average next(String id, long tick, ProcessCounts.States states) {
    Load load =
        loads.merge(
            id,
            new Load(tick, states.running(), states.uninterruptible()),
            (last, _) -> last.next(tick, states));
    return new Average(
        Math.round(load.running * THOUSANDTHS), Math.round(load.uninterruptible * THOUSANDTHS));
  }

  /** Forgets all others. */
  void retain(Set<String> ids) {
    if (loads.size() > ids.size()) {
      loads.keySet().retainAll(ids);
    }
  }
}
