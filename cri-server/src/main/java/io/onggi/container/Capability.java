package io.onggi.container;

import io.onggi.error.CriException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The capabilities of Linux 6.18, in the order of their numbers (linux/capability.h). */
public enum Capability {
  CHOWN,
  DAC_OVERRIDE,
  DAC_READ_SEARCH,
  FOWNER,
  FSETID,
  KILL,
  SETGID,
  SETUID,
  SETPCAP,
  LINUX_IMMUTABLE,
  NET_BIND_SERVICE,
  NET_BROADCAST,
  NET_ADMIN,
  NET_RAW,
  IPC_LOCK,
  IPC_OWNER,
  SYS_MODULE,
  SYS_RAWIO,
  SYS_CHROOT,
  SYS_PTRACE,
  SYS_PACCT,
  SYS_ADMIN,
  SYS_BOOT,
  SYS_NICE,
  SYS_RESOURCE,
  SYS_TIME,
  SYS_TTY_CONFIG,
  MKNOD,
  LEASE,
  AUDIT_WRITE,
  AUDIT_CONTROL,
  SETFCAP,
  MAC_OVERRIDE,
  MAC_ADMIN,
  SYSLOG,
  WAKE_ALARM,
  BLOCK_SUSPEND,
  AUDIT_READ,
  PERFMON,
  BPF,
  CHECKPOINT_RESTORE;

  /** What a container has that asks for nothing: the set that every CRI runtime gives. */
  public static final Set<Capability> DEFAULTS =
      Set.copyOf(
          EnumSet.of(
              CHOWN,
              DAC_OVERRIDE,
              FSETID,
              FOWNER,
              MKNOD,
              NET_RAW,
              SETGID,
              SETUID,
              SETFCAP,
              SETPCAP,
              NET_BIND_SERVICE,
              SYS_CHROOT,
              KILL,
              AUDIT_WRITE));

  /**
   * Reads a name, with or without CAP_, in any case.
   *
   * @throws CriException.InvalidArgument for a name that Linux does not have
   */
  public static Capability parse(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    String bare = upper.startsWith("CAP_") ? upper.substring(4) : upper;
    try {
      return valueOf(bare);
    } catch (IllegalArgumentException _) {
      throw new CriException.InvalidArgument(
          "capability \"" + name + "\" is unknown; names are those of capabilities(7), or ALL");
    }
  }

  /** Reads a list in which ALL stands for every capability. */
  public static Set<Capability> parseAll(Collection<String> names) {
    Set<Capability> set = EnumSet.noneOf(Capability.class);
    for (String name : names) {
      if (name.equalsIgnoreCase("ALL")) {
        set.addAll(EnumSet.allOf(Capability.class));
      } else {
        set.add(parse(name));
      }
    }
    return set;
  }

  /** CAP_ names in the order of their numbers. */
  public static List<String> names(Set<Capability> set) {
    List<String> names = new ArrayList<>();
    for (Capability capability : values()) {
      if (set.contains(capability)) {
        names.add("CAP_" + capability.name());
      }
    }
    return names;
  }

  /** The kernel's bit mask of these names. */
  @SuppressWarnings("EnumOrdinal") // the order of this enum is the kernel's numbering
  public static long mask(Collection<String> names) {
    long mask = 0;
    for (String name : names) {
      mask |= 1L << parse(name).ordinal();
    }
    return mask;
  }
}
