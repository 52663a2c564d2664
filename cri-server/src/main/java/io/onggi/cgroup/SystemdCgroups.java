package io.onggi.cgroup;

import io.onggi.error.CriException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Cgroups that systemd makes: a container is a scope, a pod of our own a slice. systemd is asked
 * for the unit and told the limits, so that it never writes others over them; what it has no word
 * for, and exact values where it rounds, are then written to the cgroup, which is delegated to us.
 *
 * <p>A scope begins around a process. The container's own joins by itself later (see {@link
 * Cgroups}), so a {@link ScopeHolder} stands in until {@link #settled}: the scope then ends by
 * itself when its last process does (docs/adr/0006).
 */
public final class SystemdCgroups implements Cgroups {
  private final Cgroups files;
  private final Systemd systemd;
  private final ScopeHolder holder;
  private final CgroupPath root;
  private final Map<CgroupPath, ScopeHolder.Held> held = new ConcurrentHashMap<>();

  /** Held for writing while our own slice may go, for reading while something is made in it. */
  private final ReadWriteLock slices = new ReentrantReadWriteLock();

  /**
   * @param files reads and writes what systemd has made
   * @param root the slice of pods that name no parent; it goes when it is empty
   */
  public SystemdCgroups(Cgroups files, Systemd systemd, ScopeHolder holder, CgroupPath root) {
    this.files = files;
    this.systemd = systemd;
    this.holder = holder;
    this.root = root;
  }

  @Override
  public CgroupDriver driver() {
    return CgroupDriver.SYSTEMD;
  }

  @Override
  public int version() {
    return files.version();
  }

  @Override
  public ContainerCgroup create(CgroupPath path, Limits limits) {
    files.check(limits);
    slices.readLock().lock();
    try {
      if (path.name().endsWith(CgroupDriver.SLICE)) {
        systemd.start(path.name(), UnitProperties.slice(path.name(), version(), limits));
      } else {
        startScope(path, limits);
      }
      return files.create(path, limits);
    } catch (RuntimeException e) {
      takeBack(path, e);
      throw e;
    } finally {
      slices.readLock().unlock();
    }
  }

  private void startScope(CgroupPath path, Limits limits) {
    ScopeHolder.Held stand = holder.hold();
    held.put(path, stand);
    String slice = path.parents().getLast().name();
    systemd.start(
        path.name(), UnitProperties.scope(path.name(), slice, stand.pid(), version(), limits));
  }

  private void takeBack(CgroupPath path, RuntimeException cause) {
    settled(path);
    try {
      systemd.stop(path.name());
      files.remove(path);
    } catch (CriException e) {
      cause.addSuppressed(e);
    }
  }

  @Override
  public void settled(CgroupPath path) {
    ScopeHolder.Held stand = held.remove(path);
    if (stand != null) {
      stand.close();
    }
  }

  @Override
  public ContainerCgroup createExec(CgroupPath container, String name) {
    return files.createExec(container, name);
  }

  @Override
  public void check(Limits limits) {
    files.check(limits);
  }

  /** The kernel first: it judges. Once more after systemd, which rounds. */
  @Override
  public Applied update(CgroupPath path, Limits limits) {
    if (!isUnit(path)) {
      return files.update(path, limits);
    }
    Limits before = files.limits(path).spokenOfBy(limits).withUnified(Map.of());
    Applied applied = files.update(path, limits);
    try {
      systemd.set(path.name(), UnitProperties.of(limits, version()));
      files.update(path, limits);
    } catch (RuntimeException e) {
      takeBack(path, before, applied, e);
      throw e;
    }
    return cause -> takeBack(path, before, applied, cause);
  }

  private void takeBack(CgroupPath path, Limits before, Applied applied, RuntimeException cause) {
    try {
      systemd.set(path.name(), UnitProperties.of(before, version()));
    } catch (CriException e) {
      cause.addSuppressed(e);
    }
    applied.takeBack(cause);
  }

  @Override
  public Limits limits(CgroupPath path) {
    return files.limits(path);
  }

  @Override
  public void remove(CgroupPath path) {
    settled(path);
    if (isUnit(path)) {
      systemd.stop(path.name());
    }
    files.remove(path);
    if (!path.parents().isEmpty() && path.parents().getLast().equals(root)) {
      CgroupPath slice = path.parents().getLast();
      stopIfEmpty(slice);
    }
  }

  /** False for a cgroup that was made while the other driver was configured. */
  private static boolean isUnit(CgroupPath path) {
    return path.name().endsWith(".scope") || path.name().endsWith(CgroupDriver.SLICE);
  }

  private void stopIfEmpty(CgroupPath slice) {
    slices.writeLock().lock();
    try {
      boolean empty =
          files.joinFiles(slice).stream()
              .flatMap(file -> java.util.stream.Stream.ofNullable(file.getParent()))
              .allMatch(directory -> ControlFiles.childrenOf(directory).isEmpty());
      if (empty) {
        systemd.stop(slice.name());
      }
    } finally {
      slices.writeLock().unlock();
    }
  }

  @Override
  public void adoptParents(Collection<Path> directories) {
    files.adoptParents(directories);
  }

  @Override
  public void sweepParents() {
    files.sweepParents();
  }

  @Override
  public void killAll(CgroupPath path) {
    files.killAll(path);
  }

  @Override
  public List<Integer> processes(CgroupPath path) {
    return files.processes(path);
  }

  @Override
  public boolean exists(CgroupPath path) {
    return files.exists(path);
  }

  @Override
  public List<Path> joinFiles(CgroupPath path) {
    return files.joinFiles(path);
  }

  @Override
  public Usage usage(CgroupPath path) {
    return files.usage(path);
  }

  @Override
  public SampleReader sampleReader() {
    return files.sampleReader();
  }

  @Override
  public DetailReader detailReader() {
    return files.detailReader();
  }

  @Override
  public long oomKills(CgroupPath path) {
    return files.oomKills(path);
  }
}
