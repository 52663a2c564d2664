package io.onggi.cgroup;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Which parents we made, as only those may be taken away. One lock for making and removing them, so
 * that a parent does not vanish under a sibling being made; the kernel runs these calls one by one
 * anyway (cgroup_mutex).
 */
final class OwnedParents {
  private final Set<CgroupPath> ours = new HashSet<>();

  synchronized void adopt(Collection<CgroupPath> parents) {
    ours.addAll(parents);
  }

  /**
   * @param makeOne makes one cgroup, true if it was not there
   * @param leaf makes the cgroup itself, under the same lock
   * @return the parents made now, outermost first
   */
  synchronized List<CgroupPath> make(
      CgroupPath path, Predicate<CgroupPath> makeOne, Consumer<CgroupPath> leaf) {
    List<CgroupPath> made = new ArrayList<>();
    for (CgroupPath parent : path.parents()) {
      if (makeOne.test(parent)) {
        made.add(parent);
        ours.add(parent);
      }
    }
    leaf.accept(path);
    return List.copyOf(made);
  }

  /**
   * @param removeOne removes one cgroup if it is empty, true if it is gone
   */
  synchronized void removeEmpty(CgroupPath path, Predicate<CgroupPath> removeOne) {
    for (CgroupPath parent : path.parents().reversed()) {
      if (!ours.contains(parent) || !removeOne.test(parent)) {
        return;
      }
      ours.remove(parent);
    }
  }
}
