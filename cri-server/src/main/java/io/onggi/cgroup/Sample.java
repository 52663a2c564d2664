package io.onggi.cgroup;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a cgroup and all below it have used, read for statistics: the same record from v1 and v2.
 *
 * @param cpuNanos CPU time since it was made, nanoseconds over all cores
 * @param cpuPressure v2 only, as the other pressures
 */
public record Sample(
    long cpuNanos,
    Memory memory,
    Optional<Swap> swap,
    Optional<Pressure> cpuPressure,
    Optional<Pressure> memoryPressure,
    Optional<Pressure> ioPressure) {

  /**
   * Memory, bytes; cgroup v1's figures are the {@code total_} ones, which count what is below.
   *
   * @param usage charged now, page cache included
   * @param workingSet {@code usage} less the inactive file pages, not below 0; the same arithmetic
   *     as the kubelet's (cadvisor v0.56.2, container/libcontainer/handler.go)
   * @param rss anonymous memory
   * @param limit of this cgroup itself; empty for none
   * @param pageFaults since it was made, minor and major
   * @param majorPageFaults since it was made
   */
  public record Memory(
      long usage,
      long workingSet,
      long rss,
      OptionalLong limit,
      long pageFaults,
      long majorPageFaults) {
    static Memory of(
        long usage, long inactiveFile, long rss, long limit, long pageFaults, long majors) {
      return new Memory(
          usage, Math.max(0, usage - inactiveFile), rss, limited(limit), pageFaults, majors);
    }

    /** What may still be used; empty without a limit. */
    public OptionalLong available() {
      return left(limit, workingSet);
    }
  }

  /**
   * Swap, bytes; present where the kernel accounts it.
   *
   * @param limit empty for none
   */
  public record Swap(long usage, OptionalLong limit) {
    static Swap of(long usage, long limit) {
      return new Swap(usage, limited(limit));
    }

    /** What may still be swapped out; empty without a limit. */
    public OptionalLong available() {
      return left(limit, usage);
    }
  }

  private static OptionalLong limited(long limit) {
    return limit == Limits.UNLIMITED ? OptionalLong.empty() : OptionalLong.of(limit);
  }

  @SuppressWarnings("OptionalUsedAsFieldOrParameterType") // only hands its absence on
  private static OptionalLong left(OptionalLong limit, long used) {
    return limit.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(Math.max(0, limit.getAsLong() - used));
  }
}
