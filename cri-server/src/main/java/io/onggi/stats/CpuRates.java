package io.onggi.stats;

import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * CPU per second of each container or pod, from the last two samples that are at least a second
 * apart: callers that ask more often get the last rate, not the noise of a short window.
 */
final class CpuRates {
  static final Duration WINDOW = Duration.ofSeconds(1);

  private static final long NANOS = 1_000_000_000L;

  /** A rate of -1 is not known yet. */
  private record Base(long tick, long cpuNanos, long rate) {
    OptionalLong known() {
      return rate < 0 ? OptionalLong.empty() : OptionalLong.of(rate);
    }
  }

  private final Map<String, Base> bases = new ConcurrentHashMap<>();

  /**
   * Takes a sample in and tells the rate.
   *
   * @param tick monotonic, nanoseconds
   * @param cpuNanos used since the cgroup was made
   * @return nanoseconds of CPU a second; empty at first
   */
  OptionalLong next(String id, long tick, long cpuNanos) {
    Base base = bases.compute(id, (_, last) -> advance(last, tick, cpuNanos));
    return base.known();
  }

  private static Base advance(@Nullable Base last, long tick, long cpu) {
    if (last == null || cpu < last.cpuNanos) {
      return new Base(tick, cpu, -1); // less than before: another cgroup of the same name
    }
    long elapsed = tick - last.tick;
    if (elapsed < WINDOW.toNanos()) {
      return last;
    }
    double rate = (double) (cpu - last.cpuNanos) / elapsed * NANOS;
    return new Base(tick, cpu, Math.round(rate));
  }

  /** Forgets all others. */
  void retain(Set<String> ids) {
    if (bases.size() > ids.size()) {
      bases.keySet().retainAll(ids);
    }
  }
}
