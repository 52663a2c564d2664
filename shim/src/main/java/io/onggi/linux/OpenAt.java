package io.onggi.linux;

import com.sun.jna.Native;
import com.sun.jna.Platform;

/**
 * The file system calls that take a directory's fd and a name (man 2 openat2, mkdirat, mknodat,
 * linkat, symlinkat, unlinkat, fchownat, utimensat, statx, getdents64). Pointers travel as
 * addresses: they belong to {@link RootedDirectory} and {@link TreeUsage}, whose buffers outlive
 * each call.
 */
final class OpenAt {
  static final int O_RDONLY = 0;
  static final int O_WRONLY = 1;
  static final int O_CREAT = 0x40;
  static final int O_EXCL = 0x80;
  static final int O_CLOEXEC = 0x80000;
  static final int O_PATH = 0x200000;
  static final int O_DIRECTORY = Platform.isARM() ? 0x4000 : 0x10000;
  static final int O_NOFOLLOW = Platform.isARM() ? 0x8000 : 0x20000;

  static final int AT_FDCWD = -100;
  static final int AT_SYMLINK_NOFOLLOW = 0x100;
  static final int AT_EMPTY_PATH = 0x1000;

  /** asm-generic/unistd.h; the same number on every architecture. */
  static final long SYS_OPENAT2 = 437;

  /** linux/openat2.h: no symlink like those of /proc may be followed. */
  static final long RESOLVE_NO_MAGICLINKS = 0x02;

  /** linux/openat2.h: the directory is "/" for the lookup, ".." and absolute symlinks included. */
  static final long RESOLVE_IN_ROOT = 0x10;

  static {
    Native.register(OpenAt.class, "c");
  }

  private OpenAt() {}

  static native long syscall(long number, long dirfd, long path, long how, long size);

  static native int openat(int dirfd, long path, int flags, int mode);

  static native int close(int fd);

  static native long write(int fd, long buffer, long count);

  static native int syncfs(int fd);

  static native int mkdirat(int dirfd, long path, int mode);

  static native int mknodat(int dirfd, long path, int mode, long device);

  static native int linkat(int oldDirfd, long oldPath, int newDirfd, long newPath, int flags);

  static native int symlinkat(long target, int dirfd, long path);

  static native int renameat(int oldDirfd, long oldPath, int newDirfd, long newPath);

  static native long readlinkat(int dirfd, long path, long buffer, long size);

  static native int unlinkat(int dirfd, long path, int flags);

  static native int fchown(int fd, int uid, int gid);

  static native int fchownat(int dirfd, long path, int uid, int gid, int flags);

  static native int fchmod(int fd, int mode);

  static native int fchmodat(int dirfd, long path, int mode, int flags);

  static native int futimens(int fd, long times);

  static native int utimensat(int dirfd, long path, long times, int flags);

  static native int statx(int dirfd, long path, int flags, int mask, long buffer);

  static native long getdents64(int fd, long buffer, long size);

  /** The failure of the native call that has just returned. */
  static LinuxException failure(String operation, String object) {
    return new LinuxException(operation, object, Native.getLastError());
  }
}
