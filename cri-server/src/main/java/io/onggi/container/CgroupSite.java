package io.onggi.container;

import io.onggi.cgroup.ContainerCgroup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Where a container's cgroup is seen on the host.
 *
 * @param version 1 or 2
 * @param joinFiles files into which the first process writes {@code 0}
 * @param hierarchies v1: one a hierarchy; v2: the one cgroup
 */
record CgroupSite(int version, List<Path> joinFiles, List<Hierarchy> hierarchies) {
  /**
   * @param mount name of the mount point below /sys/fs/cgroup, such as {@code cpu,cpuacct}
   * @param directory the container's cgroup in it
   */
  record Hierarchy(String mount, Path directory) {
    boolean has(String controller) {
      return Arrays.asList(mount.split(",")).contains(controller);
    }
  }

  static CgroupSite of(int version, ContainerCgroup cgroup) {
    List<Hierarchy> hierarchies = new ArrayList<>();
    for (Path file : cgroup.joinFiles()) {
      Path directory = file.getParent();
      if (directory != null) {
        String text = directory.toString();
        String mount = text.substring(0, text.length() - cgroup.path().toString().length());
        hierarchies.add(new Hierarchy(mount.substring(mount.lastIndexOf('/') + 1), directory));
      }
    }
    return new CgroupSite(version, cgroup.joinFiles(), hierarchies);
  }

  /** The directory of the hierarchy with that controller; v2: the cgroup itself. */
  Optional<Path> directory(String controller) {
    return hierarchies.stream()
        .filter(h -> version == 2 || h.has(controller))
        .map(Hierarchy::directory)
        .findFirst();
  }
}
