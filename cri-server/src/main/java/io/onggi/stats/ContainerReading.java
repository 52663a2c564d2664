package io.onggi.stats;

import io.onggi.cgroup.Sample;
import io.onggi.container.Container;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One container's statistics.
 *
 * @param at when {@code sample} was read
 * @param sample empty for a container that does not run
 * @param nanoCores nanoseconds of CPU a second, lately; empty until there are two samples
 * @param layer what it wrote over its image; empty until measured for the first time
 */
public record ContainerReading(
    Container container,
    Instant at,
    Optional<Sample> sample,
    OptionalLong nanoCores,
    Optional<WritableLayer> layer) {}
