package io.onggi.cgroup;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/**
 * Where it is written down which parents' directories are ours, so that a daemon that was killed
 * leaves none: "intent before act".
 */
public interface ParentRecord {
  /** Nothing is written down. */
  ParentRecord NONE =
      new ParentRecord() {
        @Override
        public void willMake(List<Path> directories) {}

        @Override
        public void gone(Collection<Path> directories) {}
      };

  /** Kept when it returns; the directories are made next. */
  void willMake(List<Path> directories);

  /** They are gone, or were found to be another's. */
  void gone(Collection<Path> directories);
}
