package io.onggi.cgroup;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/**
 * The node's cgroups. Thread-safe. Every verb is idempotent. Failures of the kernel are {@code
 * CriException.Internal} naming the file, value and reason.
 *
 * <p><b>No process is ever moved from outside.</b> Writing a process id to {@code cgroup.procs}
 * takes the kernel's global thread-group lock and an RCU grace period: 5 to 14 ms for the 8
 * hierarchies of v1, measured. A single-threaded task that writes {@code 0} to v1's {@code tasks}
 * moves itself only and needs neither: 0.05 ms for all 8. So this interface yields {@link
 * #joinFiles} and the shim's child writes them before exec
 * (docs/adr/0003-join-cgroups-by-tasks.md).
 */
public interface Cgroups {

  /**
   * The node's own: v2 where {@code root} is the unified hierarchy, else v1 with every hierarchy
   * mounted below {@code root}.
   *
   * @param root normally {@code /sys/fs/cgroup}
   */
  static Cgroups detect(Path root) {
    return detect(root, ParentRecord.NONE);
  }

  /**
   * As {@link #detect(Path)}.
   *
   * @param record outlives the daemon
   */
  static Cgroups detect(Path root, ParentRecord record) {
    return Files.exists(root.resolve("cgroup.controllers"))
        ? new CgroupfsV2(root, record)
        : CgroupfsV1.mountedBelow(root, record);
  }

  /** In whose form cgroups are named. */
  default CgroupDriver driver() {
    return CgroupDriver.CGROUPFS;
  }

  /**
   * The first process has joined the cgroup, or never will: what kept it alive while it was empty
   * may go. Idempotent; to be called once after every {@link #create}.
   */
  default void settled(CgroupPath path) {}

  /** 1 or 2. */
  int version();

  /**
   * Makes the cgroup in every hierarchy, parents first as needed, and sets the limits. On failure,
   * what this call made is gone again. A cgroup that is there already is kept and given the limits
   * as by {@link #update}.
   */
  ContainerCgroup create(CgroupPath path, Limits limits);

  /**
   * A cgroup below a container's for one exec, so that all of the exec can be killed; it has no
   * limits of its own, those of the container hold. v1: one directory (freezer) instead of one per
   * hierarchy. Removed by {@link #remove}, or with the container.
   */
  ContainerCgroup createExec(CgroupPath container, String name);

  /**
   * All of the limits or none: on a failure every value is as before. Devices are not changed.
   *
   * @return the way back, for when what belongs to the change fails
   * @throws io.onggi.error.CriException.FailedPrecondition when the cgroup uses more memory than
   *     the new limit and the kernel could not reclaim the rest
   */
  Applied update(CgroupPath path, Limits limits);

  /** An update that was carried out. */
  @FunctionalInterface
  interface Applied {
    /**
     * Writes every value as it was before, as far as the kernel lets it.
     *
     * @param cause why; gets what fails here as suppressed
     */
    void takeBack(RuntimeException cause);
  }

  /**
   * Refuses limits that no cgroup of this node could carry out, before one is made for them.
   *
   * @throws io.onggi.error.CriException.InvalidArgument for what is wrong anywhere
   * @throws io.onggi.error.CriException.FailedPrecondition for what this node lacks
   */
  void check(Limits limits);

  /** What the kernel has now; -1 for no limit; {@code unified} and {@code devices} are empty. */
  Limits limits(CgroupPath path);

  /**
   * Takes the cgroup and all below it away in every hierarchy, then those parents that this
   * instance made or adopted and that are empty. Success if it is gone already. Waits up to two
   * seconds for processes that are dying.
   *
   * @throws io.onggi.error.CriException.FailedPrecondition naming the processes that are left
   */
  void remove(CgroupPath path);

  /**
   * Directories of parents made before a restart: they go when empty, see {@link ContainerCgroup}.
   */
  void adoptParents(Collection<Path> directories);

  /** Takes away the parents that this instance made or adopted and that are empty. */
  void sweepParents();

  /**
   * Sends SIGKILL to every process in the cgroup and below; none can escape by forking. Does not
   * wait for their end. Success if the cgroup is gone.
   */
  void killAll(CgroupPath path);

  /** Process ids in the cgroup and below, ascending; empty if the cgroup is gone. */
  List<Integer> processes(CgroupPath path);

  boolean exists(CgroupPath path);

  /** The files through which a process joins, in the order to write them. */
  List<Path> joinFiles(CgroupPath path);

  Usage usage(CgroupPath path);

  /** For statistics of many cgroups in a row; a new one for each call. */
  SampleReader sampleReader();

  /** For metrics of many cgroups in a row; a new one for each call. */
  DetailReader detailReader();

  /** Processes that the kernel killed for want of memory in this cgroup; 0 if it is gone. */
  long oomKills(CgroupPath path);
}
