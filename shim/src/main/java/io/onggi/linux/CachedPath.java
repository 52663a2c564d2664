package io.onggi.linux;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * Looks at a path by what the kernel already knows of it (openat2(2), RESOLVE_CACHED), so that no
 * disk and no server is waited for. Symbolic links are not followed: they could lead to the root of
 * a network file system, which the kernel asks its server about even then.
 */
public final class CachedPath {
  private static final long SYS_OPENAT2 = 437;
  private static final long RESOLVE_NO_MAGICLINKS = 0x02;
  private static final long RESOLVE_NO_SYMLINKS = 0x04;
  private static final long RESOLVE_CACHED = 0x20;
  private static final long O_PATH = 0x200000;
  private static final long O_CLOEXEC = 0x80000;
  private static final int AT_FDCWD = -100;
  private static final int HOW_BYTES = 24;

  static {
    Native.register(CachedPath.class, "c");
  }

  private CachedPath() {}

  /** True: it is there. False: it may be there, only a look that may wait can tell. */
  public static boolean isThere(String path) {
    int fd = open(path);
    if (fd >= 0) {
      close(fd);
    }
    return fd >= 0;
  }

  /** The mount it lies on, by its number in /proc/self/mountinfo; empty as {@link #isThere}. */
  public static OptionalInt mountOf(String path) {
    int fd = open(path);
    if (fd < 0) {
      return OptionalInt.empty();
    }
    try {
      return Files.readAllLines(Path.of("/proc/self/fdinfo", Integer.toString(fd))).stream()
          .filter(line -> line.startsWith("mnt_id:"))
          .mapToInt(line -> Integer.parseInt(line.substring("mnt_id:".length()).strip()))
          .findFirst();
    } catch (IOException _) {
      return OptionalInt.empty();
    } finally {
      close(fd);
    }
  }

  private static int open(String path) {
    try (Memory how = new Memory(HOW_BYTES);
        Memory name = new Memory(path.length() * 4L + 1)) {
      how.setLong(0, O_PATH | O_CLOEXEC);
      how.setLong(8, 0);
      how.setLong(16, RESOLVE_CACHED | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
      name.setString(0, path, "UTF-8");
      return (int) syscall(SYS_OPENAT2, AT_FDCWD, name, how, HOW_BYTES);
    }
  }

  private static native long syscall(long number, long dirfd, Pointer path, Pointer how, long size);

  private static native int close(int fd);
}
