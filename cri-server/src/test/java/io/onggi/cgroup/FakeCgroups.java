package io.onggi.cgroup;

import io.onggi.error.CriException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * Cgroups in memory, of version 2; what the kernel would refuse for its form is refused as the real
 * ones do. Statistics come from two files that every cgroup has below {@code root}.
 */
public final class FakeCgroups implements Cgroups {
  private final Path root;
  private final Map<CgroupPath, Limits> live = new TreeMap<>();

  public FakeCgroups(Path root) {
    this.root = root;
  }

  /** Every cgroup that exists, with its limits. */
  public synchronized Map<CgroupPath, Limits> live() {
    return Map.copyOf(live);
  }

  @Override
  public int version() {
    return 2;
  }

  @Override
  public synchronized ContainerCgroup create(CgroupPath path, Limits limits) {
    CgroupV2.compile(limits);
    live.put(path, limits);
    writeUsage(path);
    return new ContainerCgroup(path, joinFiles(path), List.of());
  }

  private void writeUsage(CgroupPath path) {
    try {
      Path directory = Files.createDirectories(path.under(root));
      Files.writeString(directory.resolve("cpu.stat"), "usage_usec 1000000\n");
      Files.writeString(directory.resolve("memory.current"), "4194304\n");
    } catch (IOException e) {
      throw new UncheckedIOException("writing the usage of " + path, e);
    }
  }

  @Override
  public synchronized ContainerCgroup createExec(CgroupPath container, String name) {
    CgroupPath path = container.child(name);
    return new ContainerCgroup(path, joinFiles(path), List.of());
  }

  @Override
  public void check(Limits limits) {
    CgroupV2.compile(limits);
  }

  @Override
  public synchronized Applied update(CgroupPath path, Limits limits) {
    CgroupV2.compile(limits);
    requireExists(path);
    Limits before = limits(path);
    live.put(path, limits.over(before));
    return _ -> takeBack(path, before);
  }

  private synchronized void takeBack(CgroupPath path, Limits before) {
    live.replace(path, before);
  }

  private void requireExists(CgroupPath path) {
    if (!live.containsKey(path)) {
      throw new CriException.NotFound("cgroup " + path + " does not exist");
    }
  }

  @Override
  public synchronized Limits limits(CgroupPath path) {
    requireExists(path);
    return live.getOrDefault(path, Limits.NONE);
  }

  @Override
  public synchronized void remove(CgroupPath path) {
    live.remove(path);
    try {
      for (String file : Set.of("cpu.stat", "memory.current")) {
        Files.deleteIfExists(path.under(root).resolve(file));
      }
      Files.deleteIfExists(path.under(root));
    } catch (IOException e) {
      throw new UncheckedIOException("removing " + path, e);
    }
  }

  @Override
  public void adoptParents(Collection<Path> directories) {}

  @Override
  public void sweepParents() {}

  @Override
  public void killAll(CgroupPath path) {}

  @Override
  public List<Integer> processes(CgroupPath path) {
    return List.of();
  }

  @Override
  public synchronized boolean exists(CgroupPath path) {
    return live.containsKey(path);
  }

  @Override
  public List<Path> joinFiles(CgroupPath path) {
    return List.of(path.under(root).resolve("cgroup.procs"));
  }

  @Override
  public synchronized Usage usage(CgroupPath path) {
    requireExists(path);
    return new Usage(0, 0, 0, OptionalLong.empty(), 0);
  }

  @Override
  public SampleReader sampleReader() {
    return new SampleReader.V2(root.toString());
  }

  @Override
  public DetailReader detailReader() {
    return new DetailV2(root.toString(), List.of());
  }

  @Override
  public long oomKills(CgroupPath path) {
    return 0;
  }
}
