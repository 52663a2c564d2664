package io.onggi.daemon;

import io.onggi.cgroup.ParentRecord;
import io.onggi.store.Ledger;
import io.onggi.store.Owned;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/**
 * The cgroup directories that this runtime made above its containers, in the ledger. The configured
 * root is not written down: it is ours by its name, and it comes and goes with every first and last
 * container.
 */
final class CgroupParents implements ParentRecord {
  private static final String KIND = "cgroup";
  private static final String OWNER = "parent";

  private final Ledger ledger;
  private final Path mount;
  private final Path root;

  /**
   * @param mount below which every hierarchy is, or the unified one itself
   * @param root the configured root, from {@code /} on
   */
  CgroupParents(Ledger ledger, Path mount, String root) {
    this.ledger = ledger;
    this.mount = mount;
    this.root = Path.of("/").relativize(Path.of(root));
  }

  /** What an earlier daemon wrote down. */
  List<Path> recorded() {
    return ledger.all().stream()
        .filter(owned -> owned.kind().equals(KIND))
        .map(owned -> Path.of(owned.name()))
        .toList();
  }

  @Override
  public void willMake(List<Path> directories) {
    List<Owned> fresh = owned(directories);
    if (!fresh.isEmpty()) {
      ledger.intend(fresh);
    }
  }

  @Override
  public void gone(Collection<Path> directories) {
    List<Owned> old = owned(directories);
    if (!old.isEmpty()) {
      ledger.forget(old);
    }
  }

  private boolean isRoot(Path directory) {
    Path below = mount.relativize(directory);
    int names = below.getNameCount();
    return below.equals(root) || (names > 1 && below.subpath(1, names).equals(root));
  }

  private List<Owned> owned(Collection<Path> directories) {
    return directories.stream()
        .filter(directory -> !isRoot(directory))
        .map(directory -> new Owned(KIND, directory.toString(), OWNER))
        .toList();
  }
}
