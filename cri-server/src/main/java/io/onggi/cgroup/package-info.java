/**
 * Limits in, control files out: cgroup v1 and v2 through cgroupfs, no systemd.
 *
 * <p>{@link io.onggi.cgroup.Limits} is the one pure record; {@link io.onggi.cgroup.CgroupV1} and
 * {@link io.onggi.cgroup.CgroupV2} compile it to {@link io.onggi.cgroup.ControlWrite}s (pure);
 * {@link io.onggi.cgroup.Cgroups} carries those out on the kernel. Processes join by themselves,
 * through the files of {@link io.onggi.cgroup.ContainerCgroup#joinFiles()}: see docs/adr/0003.
 */
@NullMarked
package io.onggi.cgroup;

import org.jspecify.annotations.NullMarked;
