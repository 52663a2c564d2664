/**
 * What containers and pods use now.
 *
 * <p>{@link io.onggi.stats.ContainerReadings} and {@link io.onggi.stats.PodReadings} answer; both
 * read control files in the call and nothing else. {@link io.onggi.stats.CpuRates} keeps two
 * samples a cgroup; {@link io.onggi.stats.WritableLayers} walks upper directories in the
 * background; {@link io.onggi.stats.Interfaces} is one read of the host's counters.
 */
@NullMarked
package io.onggi.stats;

import org.jspecify.annotations.NullMarked;
