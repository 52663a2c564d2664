package io.onggi.cgroup;

import io.onggi.error.CriException;

/**
 * A memory limit below what is in use. v1's kernel refuses it with a bare EBUSY; v2's takes it and
 * then kills processes until it holds (kernel Documentation/admin-guide/cgroup-v2.rst, memory.max),
 * which no resize asks for.
 */
final class MemoryFloor {
  private MemoryFloor() {}

  /**
   * @param usage now; its working set is what reclaim cannot be counted on to free
   * @throws CriException.FailedPrecondition when the limit is below it
   */
  static void require(CgroupPath path, Limits limits, Usage usage) {
    long limit = limits.memoryBytes().orElse(Limits.UNLIMITED);
    if (limit != Limits.UNLIMITED && usage.workingSetBytes() > limit) {
      throw new CriException.FailedPrecondition(
          "cgroup "
              + path
              + ": a memory limit of "
              + limit
              + " bytes is below the "
              + usage.workingSetBytes()
              + " bytes in use; nothing was changed. Let the container free memory, or choose a"
              + " higher limit");
    }
  }
}
