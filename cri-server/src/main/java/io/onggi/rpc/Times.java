package io.onggi.rpc;

import java.time.Instant;

/** CRI's times: nanoseconds since 1970-01-01 UTC. */
final class Times {
  private static final long NANOS = 1_000_000_000L;

  private Times() {}

  static long nanos(Instant instant) {
    return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), NANOS), instant.getNano());
  }
}
