package io.onggi.launch;

import java.time.Instant;
import java.util.List;

/**
 * A container whose every step is done.
 *
 * @param pid its first process, host view
 * @param startTime clock ticks since boot, field 22 of /proc/PID/stat; with the pid the identity
 * @param shimPid the shim beside it
 * @param timeline one element a plan entry, settings included
 */
public record Started(
    int pid, long startTime, int shimPid, Instant startedAt, List<Timing> timeline) {
  public Started {
    timeline = List.copyOf(timeline);
  }

  /** An entry's place on the time line, microseconds since the shim's main began. */
  public record Timing(int beginMicros, int lengthMicros) {}
}
