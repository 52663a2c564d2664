package io.onggi.cgroup;

import io.onggi.error.CriException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** cgroup v1: the same path in every mounted hierarchy. */
public final class CgroupfsV1 implements Cgroups {
  private static final int KILL_ROUNDS = 20;
  private static final long FREEZE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long FREEZE_PAUSE_NANOS = 200_000;

  private final List<Hierarchy> hierarchies;
  private final OwnedParents parents;

  CgroupfsV1(List<Hierarchy> hierarchies, ParentRecord record) {
    this.hierarchies = List.copyOf(hierarchies);
    this.parents = new OwnedParents(record);
  }

  static CgroupfsV1 mountedBelow(Path root, ParentRecord record) {
    List<Hierarchy> found = Hierarchy.mountedBelow(root);
    for (String needed : List.of("cpu", "cpuacct", "cpuset", "memory")) {
      if (found.stream().noneMatch(h -> h.has(needed))) {
        throw new CriException.FailedPrecondition(
            "no cgroup hierarchy with the controller "
                + needed
                + " is mounted below "
                + root
                + "; mount the cgroup v1 controllers there, or boot with cgroup v2");
      }
    }
    return new CgroupfsV1(found, record);
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public ContainerCgroup create(CgroupPath path, Limits limits) {
    List<ControlWrite> writes = carriedOut(CgroupV1.compile(limits));
    List<Path> made = new ArrayList<>();
    try {
      List<Path> newParents = parents.make(path, mounts(), this::makeEverywhere, made);
      if (made.size() == hierarchies.size()) {
        new Transaction(write -> fileOf(path, write)).write(writes);
      } else {
        restrictDevicesAgain(path, writes);
        update(path, limits);
      }
      return new ContainerCgroup(path, joinFiles(path), newParents);
    } catch (CriException e) {
      made.reversed().forEach(ControlFiles::removeDirectory);
      removeParents(path);
      throw e;
    }
  }

  /** What was made. */
  private List<Path> makeEverywhere(CgroupPath path) {
    List<Path> made = new ArrayList<>();
    for (Hierarchy hierarchy : hierarchies) {
      Path directory = path.under(hierarchy.mount());
      if (ControlFiles.makeDirectory(directory)) {
        made.add(directory);
        if (hierarchy.has("cpuset")) {
          inheritCpuset(directory, "cpuset.cpus");
          inheritCpuset(directory, "cpuset.mems");
        }
      }
    }
    return made;
  }

  /** v1 lets no process into a cpuset without CPUs and nodes, and a new one has none. */
  private static void inheritCpuset(Path directory, String file) {
    if (ControlFiles.read(directory.resolve(file)).isEmpty()) {
      Path parent = Optional.ofNullable(directory.getParent()).orElseThrow();
      ControlFiles.write(directory.resolve(file), ControlFiles.read(parent.resolve(file)));
    }
  }

  /**
   * A daemon may have died between making the directory and restricting it. The kernel takes "deny
   * all" only from a cgroup without children; one that has some was restricted before they came.
   */
  private void restrictDevicesAgain(CgroupPath path, List<ControlWrite> writes) {
    Optional<Path> directory = directory("devices", path);
    if (directory.isPresent() && ControlFiles.childrenOf(directory.get()).isEmpty()) {
      new Transaction(write -> fileOf(path, write))
          .write(writes.stream().filter(w -> w.controller().equals("devices")).toList());
    }
  }

  @Override
  public ContainerCgroup createExec(CgroupPath container, String name) {
    CgroupPath path = container.child(name);
    ControlFiles.makeDirectory(path.under(walkable().mount()));
    List<Path> join =
        hierarchies.stream()
            .map(h -> (h.equals(walkable()) ? path : container).under(h.mount()).resolve("tasks"))
            .toList();
    return new ContainerCgroup(path, join, List.of());
  }

  /** The hierarchy by which processes are found: one that every process of ours has joined. */
  private Hierarchy walkable() {
    return hierarchies.getFirst(); // the freezer where there is one
  }

  @Override
  public void check(Limits limits) {
    carriedOut(CgroupV1.compile(limits)).forEach(write -> mounted("container", write));
    hierarchy("cpuset")
        .ifPresent(
            h -> {
              CpuList.requireWithin(
                  "cpuset cpus", limits.cpusetCpus(), h.mount().resolve("cpuset.cpus"));
              CpuList.requireWithin(
                  "cpuset mems", limits.cpusetMems(), h.mount().resolve("cpuset.mems"));
            });
  }

  @Override
  public Applied update(CgroupPath path, Limits limits) {
    List<ControlWrite> writes = carriedOut(CgroupV1.compile(limits));
    requireExists(path);
    if (limits.memoryBytes().isPresent()) {
      MemoryFloor.require(path, limits, usage(path));
    }
    OptionalLong memsw = readIfThere("memory", path, CgroupV1.MEMSW_LIMIT);
    long quota = readIfThere("cpu", path, CgroupV1.QUOTA).orElse(Limits.UNLIMITED);
    return new Transaction(write -> fileOf(path, write))
        .replace(CgroupV1.orderForUpdate(writes, memsw, quota));
  }

  private void requireExists(CgroupPath path) {
    if (!exists(path)) {
      throw new CriException.NotFound("cgroup " + path + " does not exist");
    }
  }

  /** Without the optional ones of a controller that this node has not. */
  private List<ControlWrite> carriedOut(List<ControlWrite> writes) {
    return writes.stream()
        .filter(write -> !write.optional() || hierarchy(write.controller()).isPresent())
        .toList();
  }

  private Optional<Hierarchy> hierarchy(String controller) {
    return hierarchies.stream().filter(h -> h.has(controller)).findFirst();
  }

  private Optional<Path> directory(String controller, CgroupPath path) {
    return hierarchy(controller).map(h -> path.under(h.mount()));
  }

  private Path fileOf(CgroupPath path, ControlWrite write) {
    return path.under(mounted("cgroup " + path, write).mount()).resolve(write.file());
  }

  private Hierarchy mounted(String what, ControlWrite write) {
    return hierarchy(write.controller())
        .orElseThrow(
            () ->
                new CriException.FailedPrecondition(
                    what
                        + ": "
                        + write.file()
                        + " = "
                        + write.value()
                        + " needs the cgroup v1 controller "
                        + write.controller()
                        + ", which is not mounted on this node"));
  }

  private OptionalLong readIfThere(String controller, CgroupPath path, String file) {
    return directory(controller, path)
        .flatMap(directory -> ControlFiles.readIfThere(directory.resolve(file)))
        .map(text -> OptionalLong.of(ControlFiles.number(text)))
        .orElse(OptionalLong.empty());
  }

  @Override
  public Limits limits(CgroupPath path) {
    requireExists(path);
    return new Limits(
        readIfThere("cpu", path, "cpu.shares"),
        readIfThere("cpu", path, CgroupV1.QUOTA),
        readIfThere("cpu", path, CgroupV1.PERIOD),
        readIfThere("memory", path, CgroupV1.MEMORY_LIMIT),
        readIfThere("memory", path, CgroupV1.MEMSW_LIMIT),
        readIfThere("pids", path, "pids.max"),
        text("cpuset", path, "cpuset.cpus"),
        text("cpuset", path, "cpuset.mems"),
        directory("hugetlb", path)
            .map(directory -> Hugepages.read(directory, ".limit_in_bytes"))
            .orElse(List.of()),
        java.util.Map.of(),
        List.of());
  }

  private Optional<String> text(String controller, CgroupPath path, String file) {
    return directory(controller, path)
        .flatMap(directory -> ControlFiles.readIfThere(directory.resolve(file)))
        .filter(text -> !text.isEmpty());
  }

  @Override
  public void remove(CgroupPath path) {
    hierarchies.reversed().forEach(h -> ControlFiles.removeTree(path.under(h.mount())));
    removeParents(path);
  }

  private void removeParents(CgroupPath path) {
    parents.removeEmpty(path, mounts());
  }

  private List<Path> mounts() {
    return hierarchies.stream().map(Hierarchy::mount).toList();
  }

  @Override
  public void sweepParents() {
    parents.sweep();
  }

  @Override
  public void adoptParents(Collection<Path> made) {
    parents.adopt(made);
  }

  /**
   * Frozen processes cannot fork, so one walk finds all; SIGKILL reaches them when thawed. Without
   * a freezer, walks until one finds nobody new.
   */
  @Override
  public void killAll(CgroupPath path) {
    Path directory = path.under(walkable().mount());
    Path state = directory.resolve("freezer.state");
    boolean freezer = Files.exists(state);
    Set<Integer> killed = new HashSet<>();
    for (int round = 0; round < KILL_ROUNDS; round++) {
      Set<Integer> found = ControlFiles.processesIn(directory);
      if (killed.containsAll(found)) {
        return;
      }
      try {
        if (freezer) {
          freeze(state);
          found = ControlFiles.processesIn(directory);
        }
        found.forEach(ControlFiles::kill);
        killed.addAll(found);
      } finally {
        if (freezer && Files.exists(state)) {
          ControlFiles.write(state, "THAWED");
        }
      }
    }
  }

  /** Waits a little for the slowest; a process stuck in the kernel must not hold up the others. */
  private static void freeze(Path state) {
    ControlFiles.write(state, "FROZEN");
    long deadline = System.nanoTime() + FREEZE_NANOS;
    while (!ControlFiles.readIfThere(state).orElse("FROZEN").equals("FROZEN")
        && System.nanoTime() - deadline < 0) {
      LockSupport.parkNanos(FREEZE_PAUSE_NANOS);
    }
  }

  @Override
  public List<Integer> processes(CgroupPath path) {
    return List.copyOf(ControlFiles.processesIn(path.under(walkable().mount())));
  }

  @Override
  public boolean exists(CgroupPath path) {
    return Files.exists(path.under(walkable().mount()));
  }

  @Override
  public List<Path> joinFiles(CgroupPath path) {
    return hierarchies.stream().map(h -> path.under(h.mount()).resolve("tasks")).toList();
  }

  @Override
  public Usage usage(CgroupPath path) {
    requireExists(path);
    long memory = readIfThere("memory", path, "memory.usage_in_bytes").orElse(0);
    long inactive =
        text("memory", path, "memory.stat")
            .map(stat -> ControlFiles.keyed(stat, "total_inactive_file"))
            .orElse(0L);
    return new Usage(
        readIfThere("cpuacct", path, "cpuacct.usage").orElse(0),
        memory,
        Math.max(0, memory - inactive),
        readIfThere("memory", path, "memory.max_usage_in_bytes"),
        readIfThere("pids", path, "pids.current").orElse(0));
  }

  @Override
  public SampleReader sampleReader() {
    return new SampleReader.V1(mount("cpuacct"), mount("memory"), mount("pids"));
  }

  @Override
  public DetailReader detailReader() {
    return new DetailV1(
        new DetailV1.Mounts(
            mount("cpu"),
            mount("cpuacct"),
            mount("memory"),
            mount("pids"),
            mount("blkio"),
            mount("hugetlb"),
            Hugepages.sizes()));
  }

  /** Where the controller is mounted; a directory that is not there if it is nowhere. */
  private String mount(String controller) {
    return hierarchies.stream()
        .filter(h -> h.has(controller))
        .map(h -> h.mount().toString())
        .findFirst()
        .orElse("/sys/fs/cgroup/" + controller);
  }

  @Override
  public long oomKills(CgroupPath path) {
    return text("memory", path, "memory.oom_control")
        .map(text -> ControlFiles.keyed(text, "oom_kill"))
        .orElse(0L);
  }
}
