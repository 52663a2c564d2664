package io.onggi.cgroup;

import io.onggi.error.CriException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/** cgroup v2: one directory in the unified hierarchy, with controllers enabled down to it. */
public final class CgroupfsV2 implements Cgroups {
  private static final int KILL_ROUNDS = 20;
  private static final Set<String> WANTED =
      Set.of("cpu", "cpuset", "hugetlb", "io", "memory", "pids");

  private final Path root;
  private final Set<String> wanted;
  private final OwnedParents parents;

  CgroupfsV2(Path root, ParentRecord record) {
    this(root, WANTED, record);
  }

  /**
   * @param wanted controllers to enable where the kernel offers them
   */
  CgroupfsV2(Path root, Set<String> wanted, ParentRecord record) {
    this.root = root;
    this.parents = new OwnedParents(record);
    this.wanted = Set.copyOf(wanted);
  }

  @Override
  public int version() {
    return 2;
  }

  @Override
  public ContainerCgroup create(CgroupPath path, Limits limits) {
    List<ControlWrite> writes = CgroupV2.compile(limits);
    List<Path> made = new ArrayList<>();
    try {
      List<Path> newParents = parents.make(path, List.of(root), this::makeOne, made);
      if (!made.isEmpty()) {
        requireControllers(path, writes);
        new Transaction(write -> fileOf(path, write)).write(writes);
      } else {
        update(path, limits);
      }
      if (!limits.devices().isEmpty()) {
        // Also for one that was there: a daemon may have died between making and restricting it.
        DeviceFilter.attach(limits.devices(), path.under(root));
      }
      return new ContainerCgroup(path, joinFiles(path), newParents);
    } catch (CriException e) {
      made.forEach(ControlFiles::removeDirectory);
      removeParents(path);
      throw e;
    }
  }

  private List<Path> makeOne(CgroupPath path) {
    enableControllers(directoryAbove(path));
    Path directory = path.under(root);
    return ControlFiles.makeDirectory(directory) ? List.of(directory) : List.of();
  }

  private Path directoryAbove(CgroupPath path) {
    return Optional.ofNullable(path.under(root).getParent()).orElseThrow();
  }

  /** A controller has files in a cgroup only if each cgroup above passes it on to its children. */
  private void enableControllers(Path directory) {
    Set<String> missing = words(directory.resolve("cgroup.controllers"));
    missing.retainAll(wanted);
    missing.removeAll(words(directory.resolve("cgroup.subtree_control")));
    if (!missing.isEmpty()) {
      ControlFiles.write(
          directory.resolve("cgroup.subtree_control"),
          missing.stream().sorted().map(name -> "+" + name).collect(Collectors.joining(" ")));
    }
  }

  private static Set<String> words(Path file) {
    Set<String> words =
        new LinkedHashSet<>(List.of(ControlFiles.readIfThere(file).orElse("").split(" ")));
    words.remove("");
    return words;
  }

  private void requireControllers(CgroupPath path, List<ControlWrite> writes) {
    requireOffered(
        "cgroup " + path, words(directoryAbove(path).resolve("cgroup.subtree_control")), writes);
  }

  private static void requireOffered(String what, Set<String> enabled, List<ControlWrite> writes) {
    for (ControlWrite write : writes) {
      if (!write.optional() && !enabled.contains(write.controller())) {
        throw new CriException.FailedPrecondition(
            what
                + ": "
                + write.file()
                + " = "
                + write.value()
                + " needs the controller "
                + write.controller()
                + ", which this node does not offer there; enabled are "
                + enabled);
      }
    }
  }

  /** No controllers: the container's cgroup has processes, and then may not pass any on. */
  @Override
  public ContainerCgroup createExec(CgroupPath container, String name) {
    CgroupPath path = container.child(name);
    ControlFiles.makeDirectory(path.under(root));
    return new ContainerCgroup(path, joinFiles(path), List.of());
  }

  @Override
  public void check(Limits limits) {
    requireOffered(
        "container", words(root.resolve("cgroup.controllers")), CgroupV2.compile(limits));
    CpuList.requireWithin(
        "cpuset cpus", limits.cpusetCpus(), root.resolve("cpuset.cpus.effective"));
    CpuList.requireWithin(
        "cpuset mems", limits.cpusetMems(), root.resolve("cpuset.mems.effective"));
  }

  @Override
  public Applied update(CgroupPath path, Limits limits) {
    List<ControlWrite> writes = CgroupV2.compile(limits);
    requireExists(path);
    requireControllers(path, writes);
    if (limits.memoryBytes().isPresent()) {
      MemoryFloor.require(path, limits, usage(path));
    }
    return new Transaction(write -> fileOf(path, write)).replace(writes);
  }

  private void requireExists(CgroupPath path) {
    if (!exists(path)) {
      throw new CriException.NotFound("cgroup " + path + " does not exist");
    }
  }

  private Path fileOf(CgroupPath path, ControlWrite write) {
    return path.under(root).resolve(write.file());
  }

  @Override
  public Limits limits(CgroupPath path) {
    requireExists(path);
    Path directory = path.under(root);
    Optional<String[]> cpuMax =
        ControlFiles.readIfThere(directory.resolve("cpu.max")).map(text -> text.split(" "));
    OptionalLong memory = number(directory, "memory.max");
    return new Limits(
        ofBoxed(
            ControlFiles.readIfThere(directory.resolve("cpu.weight"))
                .map(text -> CgroupV2.shares(Long.parseLong(text)))),
        ofBoxed(cpuMax.map(parts -> ControlFiles.number(parts[0]))),
        ofBoxed(cpuMax.filter(parts -> parts.length > 1).map(parts -> Long.parseLong(parts[1]))),
        memory,
        memoryAndSwap(memory, number(directory, "memory.swap.max")),
        number(directory, "pids.max"),
        text(directory, "cpuset.cpus"),
        text(directory, "cpuset.mems"),
        Hugepages.read(directory, ".max"),
        Map.of(),
        List.of());
  }

  /** Swap alone, as v2 counts it, back to both together, as {@link Limits} does. */
  private static OptionalLong memoryAndSwap(OptionalLong memory, OptionalLong swap) {
    if (swap.isEmpty() || memory.isEmpty()) {
      return OptionalLong.empty();
    }
    boolean unlimited =
        swap.getAsLong() == Limits.UNLIMITED || memory.getAsLong() == Limits.UNLIMITED;
    return OptionalLong.of(unlimited ? Limits.UNLIMITED : memory.getAsLong() + swap.getAsLong());
  }

  private static OptionalLong number(Path directory, String file) {
    return ofBoxed(ControlFiles.readIfThere(directory.resolve(file)).map(ControlFiles::number));
  }

  @SuppressWarnings(
      "OptionalUsedAsFieldOrParameterType") // converts between the two kinds, only that
  private static OptionalLong ofBoxed(Optional<Long> value) {
    return value.isPresent() ? OptionalLong.of(value.get()) : OptionalLong.empty();
  }

  private static Optional<String> text(Path directory, String file) {
    return ControlFiles.readIfThere(directory.resolve(file)).filter(text -> !text.isEmpty());
  }

  @Override
  public void remove(CgroupPath path) {
    ControlFiles.removeTree(path.under(root));
    removeParents(path);
  }

  private void removeParents(CgroupPath path) {
    parents.removeEmpty(path, List.of(root));
  }

  @Override
  public void sweepParents() {
    parents.sweep();
  }

  @Override
  public void adoptParents(Collection<Path> made) {
    parents.adopt(made);
  }

  /** One write (kernel 5.14); before that, frozen processes are killed one by one. */
  @Override
  public void killAll(CgroupPath path) {
    Path directory = path.under(root);
    if (!Files.exists(directory)) {
      return;
    }
    Path kill = directory.resolve("cgroup.kill");
    if (Files.exists(kill)) {
      ControlFiles.write(kill, "1");
    } else {
      killFrozen(directory);
    }
  }

  private static void killFrozen(Path directory) {
    Path freeze = directory.resolve("cgroup.freeze");
    Set<Integer> killed = new HashSet<>();
    try {
      ControlFiles.write(freeze, "1");
      Set<Integer> found = ControlFiles.processesIn(directory);
      for (int round = 0; round < KILL_ROUNDS && !killed.containsAll(found); round++) {
        found.forEach(ControlFiles::kill);
        killed.addAll(found);
        found = ControlFiles.processesIn(directory);
      }
    } finally {
      ControlFiles.write(freeze, "0");
    }
  }

  @Override
  public List<Integer> processes(CgroupPath path) {
    return List.copyOf(ControlFiles.processesIn(path.under(root)));
  }

  @Override
  public boolean exists(CgroupPath path) {
    return Files.exists(path.under(root));
  }

  @Override
  public List<Path> joinFiles(CgroupPath path) {
    return List.of(path.under(root).resolve("cgroup.procs"));
  }

  @Override
  public Usage usage(CgroupPath path) {
    requireExists(path);
    Path directory = path.under(root);
    long memory = number(directory, "memory.current").orElse(0);
    long inactive =
        text(directory, "memory.stat")
            .map(stat -> ControlFiles.keyed(stat, "inactive_file"))
            .orElse(0L);
    long cpuMicros =
        text(directory, "cpu.stat").map(stat -> ControlFiles.keyed(stat, "usage_usec")).orElse(0L);
    return new Usage(
        cpuMicros * 1_000,
        memory,
        Math.max(0, memory - inactive),
        number(directory, "memory.peak"),
        number(directory, "pids.current").orElse(0));
  }

  @Override
  public SampleReader sampleReader() {
    return new SampleReader.V2(root.toString());
  }

  @Override
  public DetailReader detailReader() {
    return new DetailV2(root.toString(), Hugepages.sizes());
  }

  @Override
  public long oomKills(CgroupPath path) {
    return text(path.under(root), "memory.events")
        .map(events -> ControlFiles.keyed(events, "oom_kill"))
        .orElse(0L);
  }
}
