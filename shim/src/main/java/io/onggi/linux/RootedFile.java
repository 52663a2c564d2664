package io.onggi.linux;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads one small file of an untrusted directory tree: no symbolic link leads out of it
 * (openat2(2), RESOLVE_IN_ROOT) and nothing but a regular file is ever opened for reading, for an
 * image may well hold a device node called etc/passwd.
 */
public final class RootedFile {
  /** What a path turned out to be. */
  public sealed interface Found {}

  /**
   * A regular file.
   *
   * @param bytes at most as many as were asked for
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
  public record Content(byte[] bytes) implements Found {}

  /** A character device 0/0: overlayfs shows nothing here, whatever lower layers hold. */
  public record Whiteout() implements Found {}

  /** Nothing, or nothing that can be read as a file. */
  public record Absent() implements Found {}

  private static final long SYS_OPENAT2 = 437;
  private static final long RESOLVE_NO_MAGICLINKS = 0x02;
  private static final long RESOLVE_IN_ROOT = 0x10;
  private static final long O_PATH = 0x200000;
  private static final long O_CLOEXEC = 0x80000;
  private static final long O_DIRECTORY = 0x10000;
  private static final int AT_FDCWD = -100;
  private static final int HOW_BYTES = 24;
  private static final int TYPE_MASK = 0170000;
  private static final int REGULAR = 0100000;
  private static final int CHARACTER = 0020000;

  static {
    Native.register(RootedFile.class, "c");
  }

  private RootedFile() {}

  private static native long syscall(long number, long dirfd, Pointer path, Pointer how, long size);

  private static native int close(int fd);

  /**
   * @param root directory that nothing leads out of
   * @param path relative to it
   * @param limit bytes; a longer file is cut
   */
  public static Found read(Path root, String path, int limit) {
    long directory = openPath(AT_FDCWD, root.toString(), O_DIRECTORY, 0);
    if (directory < 0) {
      throw new LinuxException("open", root.toString(), (int) -directory);
    }
    try {
      long fd = openPath(directory, path, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
      if (fd < 0) {
        return new Absent();
      }
      try {
        return content(Path.of("/proc/self/fd/" + fd), limit);
      } finally {
        close((int) fd);
      }
    } finally {
      close((int) directory);
    }
  }

  private static long openPath(long directory, String path, long flags, long resolve) {
    try (Memory how = new Memory(HOW_BYTES);
        Memory name = new Memory(path.length() * 4L + 1)) {
      how.setLong(0, O_PATH | O_CLOEXEC | flags);
      how.setLong(8, 0);
      how.setLong(16, resolve);
      name.setString(0, path, "UTF-8");
      long fd = syscall(SYS_OPENAT2, directory, name, how, HOW_BYTES);
      return fd < 0 ? -Native.getLastError() : fd;
    }
  }

  private static Found content(Path descriptor, int limit) {
    try {
      int type = (Integer) Files.getAttribute(descriptor, "unix:mode") & TYPE_MASK;
      if (type == CHARACTER && (Long) Files.getAttribute(descriptor, "unix:rdev") == 0) {
        return new Whiteout();
      }
      if (type != REGULAR) {
        return new Absent();
      }
      try (var in = Files.newInputStream(descriptor)) {
        return new Content(in.readNBytes(limit));
      }
    } catch (IOException _) {
      return new Absent();
    }
  }
}
