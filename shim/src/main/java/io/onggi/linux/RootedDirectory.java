package io.onggi.linux;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A directory that is written as if it were "/": no name, symlink or hard link given to it leads
 * out. Directories that are replaced are moved out to a sibling of this one and removed there, so
 * the folder above should be its owner's alone. Every parent is opened with openat2(RESOLVE_IN_ROOT
 * | RESOLVE_NO_MAGICLINKS) and the last part of a name is never followed.
 *
 * <p>Paths are relative ("a/b", "" for the directory itself), without empty, "." or ".." parts, and
 * are byte strings: each char is one byte (ISO 8859-1), since Linux names need not be text.
 *
 * <p>Not safe for several threads. All methods throw {@link LinuxException}.
 */
public final class RootedDirectory implements AutoCloseable {
  /** Parents kept open; one layer writes mostly into the directory it has just made. */
  private static final int CACHED_PARENTS = 64;

  private static final int DATA_BYTES = 256 * 1024;
  private static final int PATH_BYTES = 8192;
  private static final int STAT_BYTES = 256;

  /** As many symlinks as the kernel follows in one lookup (man 7 path_resolution). */
  private static final int MAX_LINKS = 40;

  private static final int S_IFMT = 0170000;
  private static final int S_IFDIR = 0040000;
  private static final int S_IFCHR = 0020000;
  private static final int STATX_TYPE_AND_MODE = 0x3;

  private final Path directory;
  private final int rootFd;
  private final int umask;
  private final Scratch name = new Scratch(PATH_BYTES);
  private final Scratch other = new Scratch(PATH_BYTES);
  private final Scratch fixed = new Scratch(STAT_BYTES);
  private final Scratch data = new Scratch(DATA_BYTES);
  private int replaced;
  private long impliedDirectories;
  private final LinkedHashMap<String, Integer> parents = new LinkedHashMap<>(128, 0.75f, true);

  /** What is at a path. */
  public enum Kind {
    NOTHING,
    DIRECTORY,
    /** A character device 0/0: overlayfs reads it as "the lower file is gone". */
    WHITEOUT,
    OTHER
  }

  /** Native memory that a call reads or writes, with its address at hand. */
  private static final class Scratch {
    private final ByteBuffer buffer;
    private final long address;

    private Scratch(int bytes) {
      buffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
      address = Pointer.nativeValue(Native.getDirectBufferPointer(buffer));
    }

    /** Puts a byte string with its closing NUL and returns where it is. */
    private long text(String text) {
      if (text.length() >= buffer.capacity()) {
        throw new LinuxException("use name of " + text.length() + " bytes", shown(text), 36);
      }
      buffer.clear();
      buffer.put(text.getBytes(StandardCharsets.ISO_8859_1)).put((byte) 0);
      return address;
    }
  }

  private RootedDirectory(Path directory, int rootFd) {
    this.directory = directory;
    this.rootFd = rootFd;
    this.umask = Umask.current();
  }

  /** Opens an existing directory. */
  public static RootedDirectory open(Path directory) {
    byte[] path = (directory + "\0").getBytes(StandardCharsets.UTF_8);
    ByteBuffer memory = ByteBuffer.allocateDirect(path.length).put(path);
    long address = Pointer.nativeValue(Native.getDirectBufferPointer(memory.rewind()));
    int flags = OpenAt.O_RDONLY | OpenAt.O_DIRECTORY | OpenAt.O_CLOEXEC;
    int fd = OpenAt.openat(OpenAt.AT_FDCWD, address, flags, 0);
    if (fd < 0) {
      throw OpenAt.failure("open", directory.toString());
    }
    return new RootedDirectory(directory, fd);
  }

  /** What is at the path now; its last part is not followed. */
  public Kind kind(String path) {
    if (path.isEmpty()) {
      return Kind.DIRECTORY;
    }
    int parent = findParent(parentOf(path));
    if (parent < 0) {
      return Kind.NOTHING;
    }
    int flags = OpenAt.AT_SYMLINK_NOFOLLOW;
    long address = name.text(nameOf(path));
    if (OpenAt.statx(parent, address, flags, STATX_TYPE_AND_MODE, fixed.address) != 0) {
      LinuxException failure = OpenAt.failure("stat", shown(path));
      if (failure.is(Errno.ENOENT)) {
        return Kind.NOTHING;
      }
      throw failure;
    }
    // struct statx (linux/stat.h): mode at 28, rdev major and minor at 128 and 132
    int type = fixed.buffer.getShort(28) & S_IFMT;
    if (type == S_IFCHR && fixed.buffer.getInt(128) == 0 && fixed.buffer.getInt(132) == 0) {
      return Kind.WHITEOUT;
    }
    return type == S_IFDIR ? Kind.DIRECTORY : Kind.OTHER;
  }

  /** Makes a directory; its time is set by {@link #setTimes} once it is filled. */
  public void makeDirectory(String path, FileAttributes attributes) {
    int parent = parent(parentOf(path));
    long address = name.text(nameOf(path));
    check(OpenAt.mkdirat(parent, address, attributes.mode()), "mkdir", path);
    own(parent, address, attributes, path);
    chmodIfNeeded(parent, address, attributes, path);
  }

  /** Gives an existing directory another owner and mode. */
  public void changeDirectory(String path, FileAttributes attributes) {
    int parent = path.isEmpty() ? rootFd : parent(parentOf(path));
    long address = name.text(path.isEmpty() ? "." : nameOf(path));
    own(parent, address, attributes, path);
    check(OpenAt.fchmodat(parent, address, attributes.mode(), 0), "chmod", path);
  }

  /** Sets a time without following the last part; a path that is gone meanwhile is left alone. */
  public void setTimes(String path, long seconds, int nanos) {
    int parent = path.isEmpty() ? rootFd : findParent(parentOf(path));
    if (parent < 0) {
      return;
    }
    long address = name.text(path.isEmpty() ? "." : nameOf(path));
    if (OpenAt.utimensat(parent, address, times(seconds, nanos), OpenAt.AT_SYMLINK_NOFOLLOW) != 0) {
      LinuxException failure = OpenAt.failure("set time of", shown(path));
      if (!failure.is(Errno.ENOENT)) {
        throw failure;
      }
    }
  }

  /** Makes a new regular file (O_EXCL), to be written and then closed. */
  public NewFile createFile(String path, FileAttributes attributes) {
    int parent = parent(parentOf(path));
    int flags = OpenAt.O_WRONLY | OpenAt.O_CREAT | OpenAt.O_EXCL | OpenAt.O_CLOEXEC;
    int fd =
        OpenAt.openat(
            parent, name.text(nameOf(path)), flags | OpenAt.O_NOFOLLOW, attributes.mode() & 0777);
    check(fd, "create", path);
    return new NewFile(path, fd, attributes);
  }

  /** A regular file being written; closing it without {@link #finish} leaves it without owner. */
  public final class NewFile implements AutoCloseable {
    private final String path;
    private final int fd;
    private final FileAttributes attributes;

    private NewFile(String path, int fd, FileAttributes attributes) {
      this.path = path;
      this.fd = fd;
      this.attributes = attributes;
    }

    /** Appends bytes. */
    public void write(byte[] bytes, int offset, int length) {
      int done = 0;
      while (done < length) {
        int chunk = Math.min(length - done, DATA_BYTES);
        data.buffer.clear();
        data.buffer.put(bytes, offset + done, chunk);
        writeAll(chunk);
        done += chunk;
      }
    }

    private void writeAll(int length) {
      int written = 0;
      while (written < length) {
        long n = OpenAt.write(fd, data.address + written, length - written);
        if (n < 0) {
          LinuxException failure = OpenAt.failure("write", shown(path));
          if (!failure.is(Errno.EINTR)) {
            throw failure;
          }
        } else {
          written += (int) n;
        }
      }
    }

    public void setXattr(String attribute, byte[] value) {
      int rc = Xattrs.fsetxattr(fd, name.text(attribute), value, value.length, 0);
      checkXattr(rc, attribute, path);
    }

    /**
     * Sets owner, mode and time once all is written: the owner first, since chown takes setuid bits
     * away; attributes come after, since it takes file capabilities away, too.
     */
    public void finish() {
      check(OpenAt.fchown(fd, attributes.uid(), attributes.gid()), "chown", path);
      if (needsChmod(attributes.mode())) {
        check(OpenAt.fchmod(fd, attributes.mode()), "chmod", path);
      }
      long address = times(attributes.mtimeSeconds(), attributes.mtimeNanos());
      check(OpenAt.futimens(fd, address), "set time of", path);
    }

    @Override
    public void close() {
      check(OpenAt.close(fd), "close", path);
    }
  }

  /** Makes a symlink; its target is only text here, whatever it says. */
  public void symlink(String path, String target, FileAttributes attributes) {
    int parent = parent(parentOf(path));
    long address = name.text(nameOf(path));
    check(OpenAt.symlinkat(other.text(target), parent, address), "symlink", path);
    own(parent, address, attributes, path);
  }

  /** Makes a second name for an existing file of this directory; symlinks are linked themselves. */
  public void hardLink(String path, String existing) {
    // In this order: making parents may push many fds out of the cache, the second lookup only one.
    int to = parent(parentOf(path));
    int from = findParent(parentOf(existing));
    if (from < 0) {
      throw new LinuxException("link to", shown(existing), Errno.ENOENT);
    }
    long source = other.text(nameOf(existing));
    int rc = OpenAt.linkat(from, source, to, name.text(nameOf(path)), 0);
    check(rc, "link to " + shown(existing) + " as", path);
  }

  /**
   * Makes a device node or fifo.
   *
   * @param type the S_IFMT bits: 0020000 character, 0060000 block, 0010000 fifo
   */
  public void makeNode(String path, int type, int major, int minor, FileAttributes attributes) {
    int parent = parent(parentOf(path));
    long address = name.text(nameOf(path));
    // makedev of glibc (sys/sysmacros.h)
    long device =
        ((major & 0xfffff000L) << 32)
            | ((major & 0xfffL) << 8)
            | ((minor & 0xffffff00L) << 12)
            | (minor & 0xffL);
    check(OpenAt.mknodat(parent, address, type | attributes.mode(), device), "mknod", path);
    own(parent, address, attributes, path);
    chmodIfNeeded(parent, address, attributes, path);
  }

  /** Sets an attribute of what is at the path, symlinks not followed. */
  public void setXattr(String path, String attribute, byte[] value) {
    int parent = path.isEmpty() ? rootFd : parent(parentOf(path));
    // The fd's own link in /proc leads to the parent that openat2 found; only the last part is new.
    String viaFd = "/proc/self/fd/" + parent + (path.isEmpty() ? "/." : "/" + nameOf(path));
    long address = other.text(viaFd);
    int rc = Xattrs.lsetxattr(address, name.text(attribute), value, value.length, 0);
    checkXattr(rc, attribute, path);
  }

  /** Removes what is at the path with all below it. */
  public void remove(String path) {
    int parent = parent(parentOf(path));
    int rc = OpenAt.unlinkat(parent, name.text(nameOf(path)), 0);
    if (rc != 0) {
      LinuxException failure = OpenAt.failure("unlink", shown(path));
      if (!failure.is(Errno.EISDIR)) {
        throw failure;
      }
      removeTree(parent, path);
    }
    // Whatever was cached may have been below it, also under another name.
    dropParents();
  }

  /** Moves a directory out to a name that is ours, beside this one, and removes it there. */
  private void removeTree(int parent, String path) {
    Path aside = directory.resolveSibling("replaced-" + replaced++);
    long target = other.text(aside.toString());
    int rc = OpenAt.renameat(parent, name.text(nameOf(path)), OpenAt.AT_FDCWD, target);
    check(rc, "move aside", path);
    TreeRemover.remove(aside);
  }

  /** Writes all of the file system that the directory is on to the disk (man 2 syncfs). */
  public void sync() {
    check(OpenAt.syncfs(rootFd), "syncfs", "");
  }

  @Override
  public void close() {
    dropParents();
    OpenAt.close(rootFd);
  }

  private void dropParents() {
    parents.values().forEach(OpenAt::close);
    parents.clear();
  }

  /** The fd of a directory, or -1 when it is not there. */
  private int findParent(String path) {
    if (path.isEmpty()) {
      return rootFd;
    }
    Integer cached = parents.get(path);
    if (cached != null) {
      return cached;
    }
    ByteBuffer how = fixed.buffer.clear();
    how.putLong(OpenAt.O_PATH | OpenAt.O_DIRECTORY | OpenAt.O_CLOEXEC).putLong(0);
    how.putLong(OpenAt.RESOLVE_IN_ROOT | OpenAt.RESOLVE_NO_MAGICLINKS);
    long address = other.text(path.startsWith("/") ? path.substring(1) : path);
    int fd = (int) OpenAt.syscall(OpenAt.SYS_OPENAT2, rootFd, address, fixed.address, 24);
    if (fd < 0) {
      LinuxException failure = OpenAt.failure("open directory", shown(path));
      if (failure.is(Errno.ENOENT)) {
        return -1;
      }
      throw failure;
    }
    remember(path, fd);
    return fd;
  }

  private void remember(String path, int fd) {
    parents.put(path, fd);
    if (parents.size() > CACHED_PARENTS) {
      Iterator<Map.Entry<String, Integer>> oldest = parents.entrySet().iterator();
      OpenAt.close(oldest.next().getValue());
      oldest.remove();
    }
  }

  /** The fd of a directory; made, with its own parents, when the archive left it out. */
  private int parent(String path) {
    int fd = findParent(path);
    if (fd >= 0) {
      return fd;
    }
    ensureDirectories(path, 0);
    fd = findParent(path);
    if (fd < 0) {
      throw new LinuxException("open directory", shown(path), Errno.ENOENT);
    }
    return fd;
  }

  private void ensureDirectories(String path, int hops) {
    int slash = -1;
    do {
      slash = path.indexOf('/', slash + 1);
      String prefix = slash < 0 ? path : path.substring(0, slash);
      if (!prefix.isEmpty() && findParent(prefix) < 0) {
        makeImplied(prefix, hops);
      }
    } while (slash >= 0);
  }

  private void makeImplied(String path, int hops) {
    int above = findParent(parentOf(path));
    if (above < 0) {
      throw new LinuxException("open directory", shown(parentOf(path)), Errno.ENOENT);
    }
    if (OpenAt.mkdirat(above, name.text(nameOf(path)), 0755) != 0) {
      LinuxException failure = OpenAt.failure("mkdir", shown(path));
      if (!failure.is(Errno.EEXIST) || hops == MAX_LINKS) {
        throw failure;
      }
      followDangling(path, above, failure, hops);
      return;
    }
    impliedDirectories++;
    if (needsChmod(0755)) {
      check(OpenAt.fchmodat(above, name.text(nameOf(path)), 0755, 0), "chmod", path);
    }
  }

  /** A symlink to what the layer does not hold (var/run to /run): make what it means, in here. */
  private void followDangling(String path, int above, LinuxException failure, int hops) {
    long address = name.text(nameOf(path));
    long length = OpenAt.readlinkat(above, address, other.address, PATH_BYTES);
    if (length <= 0) {
      throw failure;
    }
    byte[] bytes = new byte[(int) length];
    other.buffer.clear().get(bytes);
    String target = new String(bytes, StandardCharsets.ISO_8859_1);
    // ".." in it is the kernel's to resolve, which stops at this directory.
    boolean absolute = target.startsWith("/");
    ensureDirectories(absolute ? target.substring(1) : parentOf(path) + "/" + target, hops + 1);
  }

  /** How many directories were made only because a name needed them. */
  public long impliedDirectories() {
    return impliedDirectories;
  }

  private void own(int parent, long address, FileAttributes attributes, String path) {
    int flags = OpenAt.AT_SYMLINK_NOFOLLOW;
    int rc = OpenAt.fchownat(parent, address, attributes.uid(), attributes.gid(), flags);
    check(rc, "chown", path);
  }

  private void chmodIfNeeded(int parent, long address, FileAttributes attributes, String path) {
    if (needsChmod(attributes.mode())) {
      check(OpenAt.fchmodat(parent, address, attributes.mode(), 0), "chmod", path);
    }
  }

  /** Creation applies the umask, and chown drops setuid and setgid. */
  private boolean needsChmod(int mode) {
    return (mode & (umask | 07000)) != 0;
  }

  private long times(long seconds, int nanos) {
    fixed.buffer.clear();
    fixed.buffer.putLong(seconds).putLong(nanos).putLong(seconds).putLong(nanos);
    return fixed.address;
  }

  private void checkXattr(int rc, String attribute, String path) {
    if (rc != 0) {
      LinuxException failure = OpenAt.failure("setxattr " + attribute + " of", shown(path));
      // A file system without that kind of attribute is no reason to refuse an image.
      if (!failure.is(Errno.EOPNOTSUPP)) {
        throw failure;
      }
    }
  }

  private void check(int rc, String operation, String path) {
    if (rc < 0) {
      throw OpenAt.failure(operation, path.isEmpty() ? directory.toString() : shown(path));
    }
  }

  private static String parentOf(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? "" : path.substring(0, slash);
  }

  private static String nameOf(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** A byte string as text for a message, not longer than a person reads. */
  private static String shown(String path) {
    String cut = path.length() <= 200 ? path : path.substring(0, 200) + "...";
    return new String(cut.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
