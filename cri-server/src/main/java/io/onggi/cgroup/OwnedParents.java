package io.onggi.cgroup;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which parents' directories we made, as only those may be taken away. Directories and not cgroups:
 * in v1 a kubelet makes its pod's cgroup in the hierarchies it knows, and we the rest of it.
 *
 * <p>One lock for making and removing, so that a parent does not vanish under a sibling being made;
 * the kernel runs these calls one by one anyway (cgroup_mutex).
 */
final class OwnedParents {
  /** Makes one cgroup in every hierarchy. */
  @FunctionalInterface
  interface Maker {
    /** The directories that were not there before. */
    List<Path> make(CgroupPath path);
  }

  private final Set<Path> ours = new HashSet<>();

  synchronized void adopt(Collection<Path> directories) {
    ours.addAll(directories);
  }

  /**
   * Makes the parents, and under the same lock the cgroup itself.
   *
   * @param leaf gets the directories made for the cgroup itself
   * @return the directories made for parents, outermost first
   */
  synchronized List<Path> make(CgroupPath path, Maker maker, Collection<Path> leaf) {
    List<Path> made = new ArrayList<>();
    for (CgroupPath parent : path.parents()) {
      List<Path> fresh = maker.make(parent);
      made.addAll(fresh);
      ours.addAll(fresh);
    }
    leaf.addAll(maker.make(path));
    return List.copyOf(made);
  }

  /** Removes those of the path's parents that are ours and empty. */
  synchronized void removeEmpty(CgroupPath path, List<Path> mounts) {
    for (CgroupPath parent : path.parents().reversed()) {
      for (Path mount : mounts) {
        Path directory = parent.under(mount);
        if (ours.contains(directory) && ControlFiles.removeDirectory(directory)) {
          ours.remove(directory);
        }
      }
    }
  }
}
