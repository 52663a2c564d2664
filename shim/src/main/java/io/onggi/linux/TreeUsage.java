package io.onggi.linux;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * What a directory tree takes on disk, as du(1) counts: blocks and not lengths, a file with several
 * names once. The tree may be a stranger's and change meanwhile: every directory is opened below
 * the root without following a symlink, one at a time, and names stay bytes.
 *
 * @param bytes of allocated blocks
 * @param inodes the root's included
 */
public record TreeUsage(long bytes, long inodes) {
  private static final int NAMES_BYTES = 64 * 1024;
  private static final int FIXED_BYTES = 256;
  private static final int BLOCK_BYTES = 512; // man 2 statx: stx_blocks, whatever the file system

  /** linux/stat.h: type, link count, inode number, blocks. */
  private static final int STATX_WANTED = 0x1 | 0x4 | 0x100 | 0x400;

  /** linux/openat2.h: RESOLVE_NO_XDEV, RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH. */
  private static final long RESOLVE_INSIDE = 0x01 | 0x04 | 0x08;

  private static final int S_IFMT = 0170000;
  private static final int S_IFDIR = 0040000;
  private static final byte[] DOT = {'.'};

  /**
   * Walks the tree; what vanishes meanwhile, or lies deeper than the kernel takes a path for, is
   * left out.
   *
   * @throws LinuxException if {@code root} itself cannot be read
   */
  public static TreeUsage of(Path root) {
    byte[] path = root.toString().getBytes(StandardCharsets.UTF_8);
    return new Walk().from(path, root.toString());
  }

  /** The state of one walk. */
  private static final class Walk {
    private final ByteBuffer names = memory(NAMES_BYTES);
    private final long namesAddress = address(names);
    private final ByteBuffer fixed = memory(FIXED_BYTES);
    private final long fixedAddress = address(fixed);
    private final Deque<byte[]> directories = new ArrayDeque<>();
    private final Set<Long> severalNames = new HashSet<>();
    private long blocks;
    private long inodes;

    private static ByteBuffer memory(int bytes) {
      return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    private static long address(ByteBuffer buffer) {
      return Pointer.nativeValue(Native.getDirectBufferPointer(buffer));
    }

    private TreeUsage from(byte[] path, String shown) {
      int flags = OpenAt.O_RDONLY | OpenAt.O_DIRECTORY | OpenAt.O_CLOEXEC | OpenAt.O_NOFOLLOW;
      int root = OpenAt.openat(OpenAt.AT_FDCWD, text(path), flags, 0);
      if (root < 0) {
        throw OpenAt.failure("open", shown);
      }
      try {
        count(root, text(DOT));
        directories.push(DOT);
        while (!directories.isEmpty()) {
          list(root, directories.pop());
        }
        return new TreeUsage(blocks * BLOCK_BYTES, inodes);
      } finally {
        int _ = OpenAt.close(root);
      }
    }

    /** In the names' memory, which no listing uses at that moment. */
    private long text(byte[] name) {
      if (name.length >= NAMES_BYTES) {
        return namesAddress; // as long as the kernel takes is a sixteenth of it
      }
      names.clear();
      names.put(name).put((byte) 0);
      return namesAddress;
    }

    private void list(int root, byte[] directory) {
      fixed.putLong(0, OpenAt.O_RDONLY | OpenAt.O_DIRECTORY | OpenAt.O_CLOEXEC);
      fixed.putLong(8, 0).putLong(16, RESOLVE_INSIDE);
      int fd =
          (int) OpenAt.syscall(OpenAt.SYS_OPENAT2, root, text(directory), fixedAddress, 3 * 8L);
      if (fd < 0) {
        return;
      }
      try {
        long n;
        while ((n = OpenAt.getdents64(fd, namesAddress, NAMES_BYTES)) > 0) {
          entries(fd, directory, (int) n);
        }
      } finally {
        int _ = OpenAt.close(fd);
      }
    }

    /** man 2 getdents64: the record's length at 16, its name from 19 to a NUL. */
    private void entries(int fd, byte[] directory, int end) {
      for (int at = 0; at < end; at += names.getShort(at + 16)) {
        int name = at + 19;
        int length = 0;
        while (names.get(name + length) != 0) {
          length++;
        }
        if (isDots(name, length)) {
          continue;
        }
        if (count(fd, namesAddress + name) && directory.length + length < NAMES_BYTES / 2) {
          directories.push(joined(directory, name, length));
        }
      }
    }

    private boolean isDots(int name, int length) {
      return names.get(name) == '.' && (length == 1 || (length == 2 && names.get(name + 1) == '.'));
    }

    private byte[] joined(byte[] directory, int name, int length) {
      byte[] path = new byte[directory.length + 1 + length];
      System.arraycopy(directory, 0, path, 0, directory.length);
      path[directory.length] = '/';
      names.get(name, path, directory.length + 1, length);
      return path;
    }

    /** Adds the inode; true if it is a directory. struct statx is linux/stat.h's. */
    private boolean count(int fd, long name) {
      if (OpenAt.statx(fd, name, OpenAt.AT_SYMLINK_NOFOLLOW, STATX_WANTED, fixedAddress) != 0) {
        return false;
      }
      boolean directory = (fixed.getShort(28) & S_IFMT) == S_IFDIR;
      boolean shared = !directory && fixed.getInt(16) > 1;
      if (!shared || severalNames.add(fixed.getLong(32))) {
        inodes++;
        blocks += fixed.getLong(48);
      }
      return directory;
    }
  }
}
