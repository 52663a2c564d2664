package io.onggi.linux;

import com.sun.jna.Native;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A unix socket's path that fits {@code sun_path} (107 bytes, man 7 unix): the path itself, or for
 * a longer one a name below an open descriptor of its directory.
 */
public final class LongPath implements AutoCloseable {
  private static final int SUN_PATH_MAX = 107;
  private static final int O_PATH_DIRECTORY_CLOEXEC = 0x200000 | 0x10000 | 0x80000;
  private static final int NONE = -1;

  static {
    Native.register(LongPath.class, "c");
  }

  private final Path path;
  private final int directory;

  private LongPath(Path path, int directory) {
    this.path = path;
    this.directory = directory;
  }

  /**
   * @throws LinuxException when the directory of a long path cannot be opened
   */
  public static LongPath of(Path socket) {
    if (socket.toString().getBytes(StandardCharsets.UTF_8).length <= SUN_PATH_MAX) {
      return new LongPath(socket, NONE);
    }
    String parent = String.valueOf(socket.getParent());
    int fd = open(parent, O_PATH_DIRECTORY_CLOEXEC);
    if (fd < 0) {
      throw new LinuxException("open", parent, Native.getLastError());
    }
    return new LongPath(Path.of("/proc/self/fd/" + fd, String.valueOf(socket.getFileName())), fd);
  }

  /** Good until {@link #close}. */
  public Path path() {
    return path;
  }

  @Override
  public void close() {
    if (directory != NONE) {
      Processes.closeFd(directory);
    }
  }

  private static native int open(String path, int flags);
}
