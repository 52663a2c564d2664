package io.onggi.cgroup;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
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

  private final ParentRecord record;
  private final Set<Path> ours = new HashSet<>();

  OwnedParents(ParentRecord record) {
    this.record = record;
  }

  synchronized void adopt(Collection<Path> directories) {
    ours.addAll(directories);
  }

  /**
   * Makes the parents, and under the same lock the cgroup itself.
   *
   * @param mounts of the hierarchies in which it is made
   * @param leaf gets the directories made for the cgroup itself
   * @return the directories made for parents, outermost first
   */
  synchronized List<Path> make(
      CgroupPath path, List<Path> mounts, Maker maker, Collection<Path> leaf) {
    List<Path> missing =
        path.parents().stream()
            .flatMap(parent -> mounts.stream().map(parent::under))
            .filter(directory -> !Files.exists(directory))
            .toList();
    if (!missing.isEmpty()) {
      record.willMake(missing);
    }
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
    List<Path> removed = new ArrayList<>();
    for (CgroupPath parent : path.parents().reversed()) {
      for (Path mount : mounts) {
        Path directory = parent.under(mount);
        if (ours.contains(directory) && ControlFiles.removeDirectory(directory)) {
          ours.remove(directory);
          removed.add(directory);
        }
      }
    }
    forget(removed);
  }

  /** Removes whatever is ours and empty, the deepest first. */
  synchronized void sweep() {
    List<Path> removed =
        ours.stream()
            .sorted(Comparator.comparingInt(Path::getNameCount).reversed())
            .filter(ControlFiles::removeDirectory)
            .toList();
    removed.forEach(ours::remove);
    forget(removed);
  }

  private void forget(List<Path> removed) {
    if (!removed.isEmpty()) {
      record.gone(removed);
    }
  }
}
