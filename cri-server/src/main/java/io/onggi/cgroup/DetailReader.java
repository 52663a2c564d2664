package io.onggi.cgroup;

import java.util.Optional;

/**
 * Reads all that there is to know of many cgroups in a row with one buffer. For one thread and a
 * short time: made for a call, dropped after it.
 */
public sealed interface DetailReader permits DetailV1, DetailV2 {
  /** Empty if the cgroup is gone. A file that this kernel does not have leaves its values out. */
  Optional<Detail> read(CgroupPath path);

  /** The file that names the threads of a cgroup, itself only. */
  String threadsFile(CgroupPath path);
}
