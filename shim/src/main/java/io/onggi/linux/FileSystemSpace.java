package io.onggi.linux;

import com.sun.jna.Native;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * What a file system holds (statfs(2)).
 *
 * @param bytes of all its blocks
 * @param inodes all there are; 0 where the file system makes them as needed
 * @param inodesFree of them
 */
public record FileSystemSpace(long bytes, long inodes, long inodesFree) {
  /** struct statfs of 64-bit Linux in words: type, bsize, blocks, bfree, bavail, files, ffree. */
  private static final int WORDS = 32;

  private static final int BLOCK_SIZE = 1;
  private static final int BLOCKS = 2;
  private static final int FILES = 5;
  private static final int FILES_FREE = 6;

  private static final class Libc {
    static {
      Native.register(Libc.class, "c");
    }

    private Libc() {}

    static native int statfs(byte[] path, long[] result);
  }

  /**
   * Of the file system that holds a path.
   *
   * @throws LinuxException naming the path and errno
   */
  public static FileSystemSpace of(Path path) {
    long[] words = new long[WORDS];
    byte[] name = (path + "\0").getBytes(StandardCharsets.UTF_8);
    if (Libc.statfs(name, words) != 0) {
      throw new LinuxException("statfs", path.toString(), Native.getLastError());
    }
    return new FileSystemSpace(words[BLOCKS] * words[BLOCK_SIZE], words[FILES], words[FILES_FREE]);
  }
}
