package io.onggi.linux;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Mounts (man 2 mount, open_tree, move_mount, mount_setattr) in the caller's mount namespace. */
public final class Mounts {
  /** umount2: lazily, with all below. */
  public static final int MNT_DETACH = 2;

  /** umount2: not through a symbolic link. */
  public static final int UMOUNT_NOFOLLOW = 8;

  private static final long SYS_OPEN_TREE = 428;
  private static final long SYS_MOVE_MOUNT = 429;
  private static final long SYS_MOUNT_SETATTR = 442;
  private static final int AT_FDCWD = -100;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int AT_RECURSIVE = 0x8000;
  private static final int OPEN_TREE_CLONE = 1;
  private static final int OPEN_TREE_CLOEXEC = 0x80000;
  private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
  private static final int MOUNT_ATTR_SIZE = 32;
  private static final int F_DUPFD_CLOEXEC = 1030;

  static {
    Native.register(Mounts.class, "c");
  }

  private Mounts() {}

  /** mount(2); {@code data} is the file system's comma-separated options or null. */
  public static void mount(
      String source, Path target, @Nullable String type, long flags, @Nullable String data) {
    if (mount(source, target.toString(), type, flags, data) != 0) {
      throw new LinuxException(
          "mount " + (type == null ? source : type) + " on", target.toString(), errno());
    }
  }

  /** Bind mount of a file or directory on an existing one. */
  public static void bind(Path source, Path target) {
    mount(source.toString(), target, null, KernelConstants.MS_BIND, null);
  }

  /**
   * umount2(2).
   *
   * @throws LinuxException EINVAL when nothing is mounted there
   */
  public static void unmount(Path target, int flags) {
    if (umount2(target.toString(), flags) != 0) {
      throw new LinuxException("unmount", target.toString(), errno());
    }
  }

  /**
   * A detached bind mount of {@code path}, which lives as long as the returned O_PATH descriptor
   * (close-on-exec) or an attachment of it.
   */
  public static int cloneTree(Path path, boolean recursive) {
    long flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? AT_RECURSIVE : 0);
    long fd;
    try (Memory name = text(path.toString())) {
      fd = syscall(SYS_OPEN_TREE, AT_FDCWD, address(name), flags, 0, 0);
    }
    if (fd < 0) {
      throw new LinuxException("open_tree", path.toString(), errno());
    }
    return (int) fd;
  }

  /** mount_setattr(2) on the mount behind {@code fd}; MOUNT_ATTR_* and MS_* propagation. */
  public static void setAttributes(
      int fd, boolean recursive, long set, long clear, long propagation) {
    try (Memory attr = new Memory(MOUNT_ATTR_SIZE);
        Memory empty = text("")) {
      attr.clear();
      attr.setLong(0, set);
      attr.setLong(8, clear);
      attr.setLong(16, propagation);
      long flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
      if (syscall(SYS_MOUNT_SETATTR, fd, address(empty), flags, address(attr), MOUNT_ATTR_SIZE)
          != 0) {
        throw new LinuxException("mount_setattr", "descriptor " + fd, errno());
      }
    }
  }

  /** Attaches a detached mount at {@code target}. */
  public static void attach(int fd, Path target) {
    try (Memory empty = text("");
        Memory to = text(target.toString())) {
      if (syscall(
              SYS_MOVE_MOUNT, fd, address(empty), AT_FDCWD, address(to), MOVE_MOUNT_F_EMPTY_PATH)
          != 0) {
        throw new LinuxException("move_mount to", target.toString(), errno());
      }
    }
  }

  /** A copy of {@code fd} with a number of at least {@code lowest}; {@code fd} is closed. */
  static int moveUp(int fd, int lowest) {
    if (fd >= lowest) {
      return fd;
    }
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, lowest);
    int errno = errno();
    Processes.closeFd(fd);
    if (copy < 0) {
      throw new LinuxException("fcntl F_DUPFD_CLOEXEC", "descriptor " + fd, errno);
    }
    return copy;
  }

  private static Memory text(String value) {
    byte[] bytes = Native.toByteArray(value, "UTF-8");
    Memory memory = new Memory(bytes.length);
    memory.write(0, bytes, 0, bytes.length);
    return memory;
  }

  private static long address(Memory memory) {
    return Pointer.nativeValue(memory);
  }

  private static int errno() {
    return Native.getLastError();
  }

  private static native int mount(
      String source, String target, @Nullable String type, long flags, @Nullable String data);

  private static native int umount2(String target, int flags);

  private static native int fcntl(int fd, int command, long argument);

  private static native long syscall(long number, long a, long b, long c, long d, long e);
}
