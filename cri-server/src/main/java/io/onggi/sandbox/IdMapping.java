package io.onggi.sandbox;

import io.onggi.error.CriException;

/**
 * {@code length} ids from {@code containerId} inside a user namespace are those from {@code hostId}
 * on the node (CRI IDMapping; man 7 user_namespaces).
 *
 * @param containerId 0: a pod's root must be somebody
 * @param hostId with {@code length} within 0..4294967295
 * @param length at least 1
 */
public record IdMapping(long containerId, long hostId, long length) {
  /** 2^32-1 is no id: it means "leave as it is" to the kernel. */
  private static final long END = 0xFFFF_FFFFL;

  public IdMapping {
    if (length < 1) {
      throw new CriException.InvalidArgument("length is " + length + ", it must be at least 1");
    }
    if (containerId != 0) {
      throw new CriException.InvalidArgument(
          "container_id is "
              + containerId
              + "; the one mapping of a pod must begin at 0, its root");
    }
    if (hostId < 0 || hostId + length > END) {
      throw new CriException.InvalidArgument(
          "host_id "
              + hostId
              + " and length "
              + length
              + " reach beyond the last id, "
              + (END - 1));
    }
  }

  public boolean maps(long id) {
    return id >= containerId && id - containerId < length;
  }

  /** The id on the node; only of one that it {@link #maps}. */
  public long onHost(long id) {
    return hostId + (id - containerId);
  }

  /** As a line of /proc/PID/uid_map. */
  public String line() {
    return containerId + " " + hostId + " " + length + "\n";
  }
}
