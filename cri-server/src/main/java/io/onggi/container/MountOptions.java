package io.onggi.container;

import static io.onggi.linux.KernelConstants.MOUNT_ATTR_NOATIME;
import static io.onggi.linux.KernelConstants.MOUNT_ATTR_NODEV;
import static io.onggi.linux.KernelConstants.MOUNT_ATTR_NODIRATIME;
import static io.onggi.linux.KernelConstants.MOUNT_ATTR_NOEXEC;
import static io.onggi.linux.KernelConstants.MOUNT_ATTR_NOSUID;
import static io.onggi.linux.KernelConstants.MOUNT_ATTR_NOSYMFOLLOW;
import static io.onggi.linux.KernelConstants.MOUNT_ATTR_RDONLY;
import static io.onggi.linux.KernelConstants.MOUNT_ATTR_RELATIME;
import static io.onggi.linux.KernelConstants.MOUNT_ATTR_STRICTATIME;
import static io.onggi.linux.KernelConstants.MOUNT_ATTR__ATIME;
import static io.onggi.linux.KernelConstants.MS_PRIVATE;
import static io.onggi.linux.KernelConstants.MS_SHARED;
import static io.onggi.linux.KernelConstants.MS_SLAVE;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The options of an OCI mount, sorted into what the kernel's calls take.
 *
 * @param attributes MOUNT_ATTR_*
 * @param cleared MOUNT_ATTR_* that must be cleared for them
 * @param recursiveAttributes set on the mount and all below it
 * @param recursiveCleared likewise
 * @param propagation MS_PRIVATE, MS_SLAVE or MS_SHARED; 0: say nothing
 * @param data the file system's own options
 */
record MountOptions(
    long attributes,
    long cleared,
    long recursiveAttributes,
    long recursiveCleared,
    long propagation,
    boolean recursiveBind,
    List<String> data) {

  private static final Map<String, Long> SET =
      Map.of(
          "ro", MOUNT_ATTR_RDONLY,
          "nosuid", MOUNT_ATTR_NOSUID,
          "nodev", MOUNT_ATTR_NODEV,
          "noexec", MOUNT_ATTR_NOEXEC,
          "nosymfollow", MOUNT_ATTR_NOSYMFOLLOW,
          "nodiratime", MOUNT_ATTR_NODIRATIME);

  /** One choice of three: the kernel wants the whole of it cleared when one is set. */
  private static final Map<String, Long> ACCESS_TIMES =
      Map.of(
          "atime", MOUNT_ATTR_RELATIME,
          "relatime", MOUNT_ATTR_RELATIME,
          "noatime", MOUNT_ATTR_NOATIME,
          "strictatime", MOUNT_ATTR_STRICTATIME);

  static MountOptions parse(List<String> options) {
    Attributes one = new Attributes();
    Attributes all = new Attributes();
    long propagation = 0;
    boolean recursiveBind = false;
    List<String> data = new ArrayList<>();
    for (String option : options) {
      switch (option) {
        case "rbind" -> recursiveBind = true;
        case "private", "rprivate" -> propagation = MS_PRIVATE;
        case "slave", "rslave" -> propagation = MS_SLAVE;
        case "shared", "rshared" -> propagation = MS_SHARED;
        // what a mount is without being asked
        case "rw", "bind", "suid", "dev", "exec", "symfollow", "diratime" -> {}
        case "rrw", "rsuid", "rdev", "rexec", "rsymfollow", "rdiratime" -> {}
        case "defaults", "newinstance" -> {}
        default -> {
          boolean taken = one.take(option) || (option.startsWith("r") && all.take(option, 1));
          if (!taken) {
            data.add(option);
          }
        }
      }
    }
    return new MountOptions(
        one.set, one.clear, all.set, all.clear, propagation, recursiveBind, List.copyOf(data));
  }

  private static final class Attributes {
    private long set;
    private long clear;

    boolean take(String option, int from) {
      return take(option.substring(from));
    }

    boolean take(String option) {
      if (SET.containsKey(option)) {
        set |= SET.getOrDefault(option, 0L);
        return true;
      }
      if (ACCESS_TIMES.containsKey(option)) {
        set = (set & ~MOUNT_ATTR__ATIME) | ACCESS_TIMES.getOrDefault(option, 0L);
        clear |= MOUNT_ATTR__ATIME;
        return true;
      }
      return false;
    }
  }
}
