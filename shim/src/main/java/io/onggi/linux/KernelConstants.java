package io.onggi.linux;

/** Numbers of the kernel's own headers that plans are written in; the same on x86-64 and arm64. */
public final class KernelConstants {
  // linux/sched.h
  public static final long CLONE_NEWTIME = 0x80L;
  public static final long CLONE_NEWNS = 0x2_0000L;
  public static final long CLONE_NEWCGROUP = 0x200_0000L;
  public static final long CLONE_NEWUTS = 0x400_0000L;
  public static final long CLONE_NEWIPC = 0x800_0000L;
  public static final long CLONE_NEWUSER = 0x1000_0000L;
  public static final long CLONE_NEWPID = 0x2000_0000L;
  public static final long CLONE_NEWNET = 0x4000_0000L;

  /** Every namespace kind. */
  public static final long CLONE_NEW_ALL =
      CLONE_NEWTIME
          | CLONE_NEWNS
          | CLONE_NEWCGROUP
          | CLONE_NEWUTS
          | CLONE_NEWIPC
          | CLONE_NEWUSER
          | CLONE_NEWPID
          | CLONE_NEWNET;

  // linux/mount.h, for mount(2)
  public static final long MS_RDONLY = 1;
  public static final long MS_NOSUID = 2;
  public static final long MS_NODEV = 4;
  public static final long MS_NOEXEC = 8;
  public static final long MS_REMOUNT = 32;
  public static final long MS_NOATIME = 1024;
  public static final long MS_BIND = 4096;
  public static final long MS_MOVE = 8192;
  public static final long MS_REC = 16384;
  public static final long MS_UNBINDABLE = 1L << 17;
  public static final long MS_PRIVATE = 1L << 18;
  public static final long MS_SLAVE = 1L << 19;
  public static final long MS_SHARED = 1L << 20;

  // linux/mount.h, for fsmount(2) and mount_setattr(2)
  public static final long MOUNT_ATTR_RDONLY = 0x1;
  public static final long MOUNT_ATTR_NOSUID = 0x2;
  public static final long MOUNT_ATTR_NODEV = 0x4;
  public static final long MOUNT_ATTR_NOEXEC = 0x8;

  /** The mask of the access-time choice; relatime is its zero. */
  public static final long MOUNT_ATTR__ATIME = 0x70;

  public static final long MOUNT_ATTR_RELATIME = 0;
  public static final long MOUNT_ATTR_NOATIME = 0x10;
  public static final long MOUNT_ATTR_STRICTATIME = 0x20;
  public static final long MOUNT_ATTR_NODIRATIME = 0x80;
  public static final long MOUNT_ATTR_NOSYMFOLLOW = 0x20_0000;

  // linux/stat.h
  public static final int S_IFMT = 0xF000;
  public static final int S_IFIFO = 0x1000;
  public static final int S_IFCHR = 0x2000;
  public static final int S_IFBLK = 0x6000;

  // asm-generic/resource.h
  public static final int RLIMIT_CPU = 0;
  public static final int RLIMIT_FSIZE = 1;
  public static final int RLIMIT_DATA = 2;
  public static final int RLIMIT_STACK = 3;
  public static final int RLIMIT_CORE = 4;
  public static final int RLIMIT_RSS = 5;
  public static final int RLIMIT_NPROC = 6;
  public static final int RLIMIT_NOFILE = 7;
  public static final int RLIMIT_MEMLOCK = 8;
  public static final int RLIMIT_AS = 9;
  public static final int RLIMIT_LOCKS = 10;
  public static final int RLIMIT_SIGPENDING = 11;
  public static final int RLIMIT_MSGQUEUE = 12;
  public static final int RLIMIT_NICE = 13;
  public static final int RLIMIT_RTPRIO = 14;
  public static final int RLIMIT_RTTIME = 15;

  /** No limit; unsigned all ones. */
  public static final long RLIM_INFINITY = -1L;

  // signal.h
  public static final int SIGHUP = 1;
  public static final int SIGINT = 2;
  public static final int SIGKILL = 9;
  public static final int SIGTERM = 15;

  private KernelConstants() {}
}
