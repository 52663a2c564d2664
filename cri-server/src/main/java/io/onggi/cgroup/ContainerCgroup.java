package io.onggi.cgroup;

import java.nio.file.Path;
import java.util.List;

/**
 * A cgroup that exists.
 *
 * @param path where
 * @param joinFiles the files into each of which a single-threaded process writes {@code 0} to be in
 *     this cgroup; see {@link Cgroups} why nobody else moves it
 * @param createdParents directories of parents that did not exist before, outermost first; they are
 *     in the {@link ParentRecord}, and given to {@link Cgroups#adoptParents} after a restart they
 *     go when empty
 */
public record ContainerCgroup(CgroupPath path, List<Path> joinFiles, List<Path> createdParents) {
  public ContainerCgroup {
    joinFiles = List.copyOf(joinFiles);
    createdParents = List.copyOf(createdParents);
  }
}
