package io.onggi.cgroup;

import java.util.OptionalLong;

/**
 * What a cgroup and all below it use.
 *
 * @param cpuNanos CPU time since it was made, nanoseconds
 * @param memoryBytes memory charged now, page cache included
 * @param workingSetBytes {@code memoryBytes} less the inactive file pages, not below 0: the
 *     kubelet's measure for eviction
 * @param memoryPeakBytes the most ever charged; empty where the kernel does not say (v2 before
 *     5.19)
 * @param pids tasks now
 */
public record Usage(
    long cpuNanos,
    long memoryBytes,
    long workingSetBytes,
    OptionalLong memoryPeakBytes,
    long pids) {}
