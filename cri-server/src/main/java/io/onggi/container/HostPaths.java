package io.onggi.container;

import io.onggi.container.ContainerSpec.MountSpec;
import io.onggi.container.ContainerSpec.Propagation;
import io.onggi.error.CriException;
import io.onggi.launch.LaunchException;
import io.onggi.launch.LaunchPlan;
import io.onggi.launch.LaunchRequest;
import io.onggi.launch.LaunchStep;
import io.onggi.launch.MountProbe;
import io.onggi.launch.Opcode;
import io.onggi.linux.CachedPath;
import io.onggi.linux.Errno;
import io.onggi.linux.KernelConstants;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Whether the host has what a container's mounts ask for: paths that exist, on mounts that
 * propagate as asked. What the kernel has in its caches answers at once; for the rest a probe is
 * sent, because a path on a dead server must not hang the daemon (docs/adr/0005).
 */
final class HostPaths {
  /** Shorter than the kubelet's patience (2 min), longer than a busy disk's. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /**
   * File systems whose root the kernel never asks a server about when a path ends on it: they have
   * no d_weak_revalidate.
   */
  private static final Set<String> LOCAL =
      Set.of(
          "ext2",
          "ext3",
          "ext4",
          "xfs",
          "btrfs",
          "f2fs",
          "tmpfs",
          "ramfs",
          "devtmpfs",
          "proc",
          "sysfs",
          "cgroup",
          "cgroup2",
          "hugetlbfs",
          "squashfs",
          "erofs",
          "vfat",
          "iso9660",
          "bpf",
          "mqueue",
          "devpts",
          "securityfs",
          "debugfs",
          "tracefs");

  private final MountProbe probe;

  HostPaths(MountProbe probe) {
    this.probe = probe;
  }

  /**
   * @param planFile where a probe's plan may be written
   * @throws CriException.FailedPrecondition naming the mount, its host path and what to do
   * @throws CriException.Unavailable when the path's file system does not answer
   */
  void check(ContainerSpec spec, Path planFile) {
    List<MountSpec> mounts = spec.mounts().stream().filter(m -> m.image().isEmpty()).toList();
    if (mounts.isEmpty()) {
      return;
    }
    HostMountTable table = HostMountTable.read();
    for (MountSpec mount : mounts) {
      if (!settled(spec, table, mount)) {
        send(spec, mount, planFile);
      }
    }
  }

  /** True when all is known to be well without waiting for anything. */
  private static boolean settled(ContainerSpec spec, HostMountTable table, MountSpec mount) {
    String path = mount.hostPath();
    boolean plain = Path.of(path).normalize().toString().equals(path);
    if (!plain || table.at(path).filter(m -> !LOCAL.contains(m.type())).isPresent()) {
      return false;
    }
    if (mount.propagation() == Propagation.PRIVATE) {
      return CachedPath.isThere(path);
    }
    OptionalInt id = CachedPath.mountOf(path);
    if (id.isEmpty()) {
      return false;
    }
    return table
        .withId(id.getAsInt())
        .map(
            m -> {
              boolean enough =
                  m.shared() || (mount.propagation() == Propagation.HOST_TO_CONTAINER && m.slave());
              if (!enough) {
                throw notPropagating(spec, mount, m.point());
              }
              return true;
            })
        .orElse(false); // mounted just now
  }

  private void send(ContainerSpec spec, MountSpec mount, Path planFile) {
    List<LaunchStep> steps = new ArrayList<>();
    steps.add(new LaunchStep.Unshare(KernelConstants.CLONE_NEWNS));
    if (mount.propagation() != Propagation.PRIVATE) {
      boolean shared = mount.propagation() == Propagation.BIDIRECTIONAL;
      steps.add(new LaunchStep.NeedPropagation(shared, mount.hostPath()));
    }
    steps.add(new LaunchStep.OpenTree(0, false, mount.hostPath()));
    steps.add(new LaunchStep.Probed());
    String subject = "container " + spec.title();
    try {
      probe.probe(new LaunchRequest(subject, planFile, LaunchPlan.ofSteps(steps), PATIENCE));
    } catch (LaunchException e) {
      throw told(spec, mount, e);
    }
  }

  private static CriException told(ContainerSpec spec, MountSpec mount, LaunchException e) {
    int errno = e.failure().errno();
    if (errno == Errno.ETIMEDOUT) {
      return new CriException.Unavailable(
          place(spec, mount)
              + " has not answered within "
              + PATIENCE.toSeconds()
              + " s: is its file system's server up?",
          e);
    }
    if (errno == Errno.ENOENT || errno == Errno.ENOTDIR) {
      return new CriException.FailedPrecondition(
          place(spec, mount) + " does not exist on this node; make it first");
    }
    if (e.failure().step().equals(Opcode.NEED_PROPAGATION.name()) && errno == Errno.EINVAL) {
      return notPropagating(spec, mount, mount.hostPath());
    }
    if (e.failure().index() < 0) {
      return new CriException.Internal(place(spec, mount) + ": " + e.getMessage(), e);
    }
    return new CriException.FailedPrecondition(
        place(spec, mount) + " cannot be mounted: " + e.getMessage());
  }

  private static CriException notPropagating(ContainerSpec spec, MountSpec mount, String point) {
    boolean both = mount.propagation() == Propagation.BIDIRECTIONAL;
    return new CriException.FailedPrecondition(
        place(spec, mount)
            + " is on a mount that is "
            + (both ? "not shared" : "neither shared nor a slave")
            + ", so propagation "
            + (both ? "BIDIRECTIONAL" : "HOST_TO_CONTAINER")
            + " would do nothing; run: mount --make-rshared "
            + point);
  }

  private static String place(ContainerSpec spec, MountSpec mount) {
    return "container "
        + spec.title()
        + ": mount for "
        + mount.containerPath()
        + ": host_path "
        + mount.hostPath();
  }
}
