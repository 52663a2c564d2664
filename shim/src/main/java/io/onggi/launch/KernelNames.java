package io.onggi.launch;

import io.onggi.linux.KernelConstants;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The words that people use for the kernel's numbers. */
final class KernelNames {
  private static final Map<Long, String> NAMESPACES = new LinkedHashMap<>();
  private static final Map<Long, String> ATTRIBUTES = new LinkedHashMap<>();
  private static final Map<Long, String> PROPAGATIONS = new LinkedHashMap<>();
  private static final List<String> RLIMITS =
      List.of(
          "cpu",
          "fsize",
          "data",
          "stack",
          "core",
          "rss",
          "nproc",
          "nofile",
          "memlock",
          "as",
          "locks",
          "sigpending",
          "msgqueue",
          "nice",
          "rtprio",
          "rttime");

  /** linux/capability.h, by number. */
  private static final List<String> CAPABILITIES =
      List.of(
          "chown",
          "dac_override",
          "dac_read_search",
          "fowner",
          "fsetid",
          "kill",
          "setgid",
          "setuid",
          "setpcap",
          "linux_immutable",
          "net_bind_service",
          "net_broadcast",
          "net_admin",
          "net_raw",
          "ipc_lock",
          "ipc_owner",
          "sys_module",
          "sys_rawio",
          "sys_chroot",
          "sys_ptrace",
          "sys_pacct",
          "sys_admin",
          "sys_boot",
          "sys_nice",
          "sys_resource",
          "sys_time",
          "sys_tty_config",
          "mknod",
          "lease",
          "audit_write",
          "audit_control",
          "setfcap",
          "mac_override",
          "mac_admin",
          "syslog",
          "wake_alarm",
          "block_suspend",
          "audit_read",
          "perfmon",
          "bpf",
          "checkpoint_restore");

  static final long ALL_CAPABILITIES = (1L << CAPABILITIES.size()) - 1;

  static {
    NAMESPACES.put(KernelConstants.CLONE_NEWNS, "mount");
    NAMESPACES.put(KernelConstants.CLONE_NEWCGROUP, "cgroup");
    NAMESPACES.put(KernelConstants.CLONE_NEWUTS, "uts");
    NAMESPACES.put(KernelConstants.CLONE_NEWIPC, "ipc");
    NAMESPACES.put(KernelConstants.CLONE_NEWUSER, "user");
    NAMESPACES.put(KernelConstants.CLONE_NEWPID, "pid");
    NAMESPACES.put(KernelConstants.CLONE_NEWNET, "net");
    NAMESPACES.put(KernelConstants.CLONE_NEWTIME, "time");
    ATTRIBUTES.put(KernelConstants.MOUNT_ATTR_RDONLY, "ro");
    ATTRIBUTES.put(KernelConstants.MOUNT_ATTR_NOSUID, "nosuid");
    ATTRIBUTES.put(KernelConstants.MOUNT_ATTR_NODEV, "nodev");
    ATTRIBUTES.put(KernelConstants.MOUNT_ATTR_NOEXEC, "noexec");
    ATTRIBUTES.put(KernelConstants.MOUNT_ATTR_NOATIME, "noatime");
    ATTRIBUTES.put(KernelConstants.MOUNT_ATTR_STRICTATIME, "strictatime");
    ATTRIBUTES.put(KernelConstants.MOUNT_ATTR_NODIRATIME, "nodiratime");
    ATTRIBUTES.put(KernelConstants.MOUNT_ATTR_NOSYMFOLLOW, "nosymfollow");
    PROPAGATIONS.put(KernelConstants.MS_PRIVATE, "private");
    PROPAGATIONS.put(KernelConstants.MS_SLAVE, "slave");
    PROPAGATIONS.put(KernelConstants.MS_SHARED, "shared");
    PROPAGATIONS.put(KernelConstants.MS_UNBINDABLE, "unbindable");
  }

  private KernelNames() {}

  /** {@code mount,pid}; a bit without a name as its number. */
  static String namespaceWords(long flags) {
    return String.join(",", words(NAMESPACES, flags));
  }

  static List<String> namespaceList(long flags) {
    return words(NAMESPACES, flags);
  }

  /** {@code ro,nosuid}. The whole access-time mask, as it stands in a clear, says nothing. */
  static String attributes(long attrs) {
    boolean mask = (attrs & KernelConstants.MOUNT_ATTR__ATIME) == KernelConstants.MOUNT_ATTR__ATIME;
    List<String> words =
        words(ATTRIBUTES, mask ? attrs & ~KernelConstants.MOUNT_ATTR__ATIME : attrs);
    if (mask) {
      words.add("atime");
    }
    return String.join(",", words);
  }

  /** {@code rprivate}. */
  static String propagation(long flags) {
    boolean recursive = (flags & KernelConstants.MS_REC) != 0;
    return (recursive ? "r" : "")
        + String.join(",", words(PROPAGATIONS, flags & ~KernelConstants.MS_REC));
  }

  private static List<String> words(Map<Long, String> names, long bits) {
    List<String> words = new ArrayList<>();
    long left = bits;
    for (Map.Entry<Long, String> entry : names.entrySet()) {
      if ((left & entry.getKey()) != 0) {
        words.add(entry.getValue());
        left &= ~entry.getKey();
      }
    }
    if (left != 0) {
      words.add("0x" + Long.toHexString(left));
    }
    return words;
  }

  static String nodeType(int mode) {
    return switch (mode & KernelConstants.S_IFMT) {
      case KernelConstants.S_IFCHR -> "character device";
      case KernelConstants.S_IFBLK -> "block device";
      default -> "fifo";
    };
  }

  static String rlimit(int resource) {
    return RLIMITS.get(resource);
  }

  static String limit(long value) {
    return value == KernelConstants.RLIM_INFINITY ? "unlimited" : Long.toUnsignedString(value);
  }

  /** {@code none}, {@code all}, or {@code chown,kill}. */
  static String capabilities(long set) {
    if ((set & ALL_CAPABILITIES) == ALL_CAPABILITIES) {
      return "all";
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < Long.SIZE; i++) {
      if ((set & 1L << i) != 0) {
        names.add(i < CAPABILITIES.size() ? CAPABILITIES.get(i) : "cap_" + i);
      }
    }
    return names.isEmpty() ? "none" : String.join(",", names);
  }

  /** setpriv's form of a set: {@code -all,+chown,+kill}. */
  static String setpriv(long set) {
    String names = capabilities(set).toLowerCase(Locale.ROOT);
    return switch (names) {
      case "none" -> "-all";
      case "all" -> "+all";
      default -> "-all,+" + names.replace(",", ",+");
    };
  }

  static String joined(List<Long> numbers) {
    return String.join(",", numbers.stream().map(n -> Long.toString(n)).toList());
  }
}
