package io.onggi.linux;

import com.sun.jna.Native;
import io.onggi.error.CriException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Pod namespaces without a process inside: made on a thread that ends, kept alive by a bind mount
 * of the nsfs file (man 7 namespaces: a bind mount of /proc/PID/ns/X keeps X alive).
 *
 * <p>Every method is thread-safe and blocks; unshare(CLONE_NEWNET) is the slow part (about 0.4 ms
 * on the build machine).
 */
public final class Namespaces {
  /** The kinds that a pod may own. All but USER a single thread may create. */
  public enum Kind {
    NET("net", 0x40000000),
    IPC("ipc", 0x08000000),
    UTS("uts", 0x04000000),
    USER("user", 0x10000000);

    private final String procName;
    private final int cloneFlag;

    Kind(String procName, int cloneFlag) {
      this.procName = procName;
      this.cloneFlag = cloneFlag;
    }

    /** The file name under /proc/PID/ns. */
    public String procName() {
      return procName;
    }

    /** The CLONE_NEW* bit (sched.h). */
    public int cloneFlag() {
      return cloneFlag;
    }
  }

  private static final long NSFS_MAGIC = 0x6e736673L;
  private static final int MS_BIND = 4096;
  private static final int MNT_DETACH = 2;
  private static final int O_RDONLY_CLOEXEC = 0x80000;

  /** struct statfs is 120 bytes on 64-bit Linux; f_type is its first word. */
  private static final int STATFS_WORDS = 32;

  /** More binds than this on one pin would mean that somebody else mounts there. */
  private static final int MAX_STACKED_PINS = 16;

  private Namespaces() {}

  /** The system calls of this class, by JNA direct mapping. */
  private static final class Libc {
    static {
      Native.register(Libc.class, "c");
    }

    private Libc() {}

    static native int unshare(int flags);

    static native int setns(int fd, int kind);

    static native int sethostname(byte[] name, long length);

    static native int mount(
        byte[] source, byte[] target, byte @Nullable [] type, long flags, byte @Nullable [] data);

    static native int umount2(byte[] target, int flags);

    static native int statfs(byte[] path, long[] result);

    static native int open(byte[] path, int flags, int mode);

    static native int close(int fd);
  }

  /**
   * Makes the namespaces {@code kinds} and pins each one that {@code pins} names. The pin files are
   * created (parent directories must exist); a file that is already there is taken over if nothing
   * is pinned on it.
   *
   * @param pins pin file by kind; a kind of {@code kinds} without a pin would vanish, so all must
   *     be named
   * @param hostname set in the new UTS namespace; needs {@link Kind#UTS}
   * @param sysctls written inside the new namespaces: net.* needs NET; kernel.shm*, kernel.msg*,
   *     kernel.sem and fs.mqueue.* need IPC; any other name is refused because it would change the
   *     node
   * @throws CriException.InvalidArgument on a sysctl or hostname that cannot be set for these kinds
   * @throws LinuxException naming step, path and errno; nothing is left behind
   */
  public static void create(
      Set<Kind> kinds,
      Map<Kind, Path> pins,
      @SuppressWarnings("OptionalUsedAsFieldOrParameterType") Optional<String> hostname,
      Map<String, String> sysctls) {
    if (!pins.keySet().equals(kinds) || kinds.contains(Kind.USER)) {
      throw new IllegalArgumentException("kinds " + kinds + " but pins " + pins.keySet());
    }
    hostname.ifPresent(name -> checkHostname(name, kinds));
    List<NamespacedSysctl> settings =
        sysctls.entrySet().stream()
            .map(e -> NamespacedSysctl.of(e.getKey(), e.getValue(), kinds))
            .toList();
    int flags = kinds.stream().mapToInt(Kind::cloneFlag).reduce(0, (a, b) -> a | b);
    NamespaceThread.call(
        "create",
        () -> {
          if (Libc.unshare(flags) != 0) {
            throw new LinuxException("unshare", kinds.toString(), Native.getLastError());
          }
          hostname.ifPresent(Namespaces::setHostname);
          settings.forEach(NamespacedSysctl::write);
          pinAll(pins, "/proc/thread-self/ns/");
          return true;
        });
  }

  /**
   * Pins namespaces of the process {@code pid}, as {@link #create} pins new ones. A user namespace
   * cannot be made by a thread (man 2 unshare), so a process brings it and those it owns.
   *
   * @throws LinuxException naming step, path and errno; nothing is left behind
   */
  public static void adopt(int pid, Map<Kind, Path> pins) {
    pinAll(pins, "/proc/" + pid + "/ns/");
  }

  /** Takes the pin away and removes its file; nothing there counts as done. */
  public static void unpin(Path pin) {
    for (int i = 0; i < MAX_STACKED_PINS; i++) {
      if (Libc.umount2(cString(pin.toString()), MNT_DETACH) != 0) {
        int errno = Native.getLastError();
        if (errno == Errno.EINVAL || errno == Errno.ENOENT) {
          break;
        }
        throw new LinuxException("umount namespace pin", pin.toString(), errno);
      }
    }
    try {
      Files.deleteIfExists(pin);
    } catch (IOException e) {
      throw new CriException.Internal("remove namespace pin " + pin + ": " + e.getMessage(), e);
    }
  }

  /** True if {@code pin} is a namespace (statfs says nsfs), false if it is a plain file or gone. */
  public static boolean isPinned(Path pin) {
    long[] statfs = new long[STATFS_WORDS];
    if (Libc.statfs(cString(pin.toString()), statfs) != 0) {
      int errno = Native.getLastError();
      if (errno == Errno.ENOENT || errno == Errno.ENOTDIR) {
        return false;
      }
      throw new LinuxException("statfs", pin.toString(), errno);
    }
    return statfs[0] == NSFS_MAGIC;
  }

  /**
   * Runs {@code work} inside the network namespace {@code netns} on a thread of its own. Sockets
   * that the work opens stay in that namespace and may be used from any thread.
   *
   * @throws LinuxException if the namespace cannot be opened or entered
   */
  public static <T> T callIn(Path netns, Callable<T> work) {
    return NamespaceThread.call("net", entering(netns, work));
  }

  /** The work preceded by setns into {@code netns}; only for a {@link NamespaceThread}. */
  public static <T> Callable<T> entering(Path netns, Callable<T> work) {
    return () -> {
      enter(netns, Kind.NET);
      return work.call();
    };
  }

  /**
   * A descriptor of the namespace file, close-on-exec; the caller closes it with {@link
   * #closeDescriptor}.
   */
  public static int openDescriptor(Path namespace) {
    int fd = Libc.open(cString(namespace.toString()), O_RDONLY_CLOEXEC, 0);
    if (fd < 0) {
      throw new LinuxException("open namespace", namespace.toString(), Native.getLastError());
    }
    return fd;
  }

  public static void closeDescriptor(int fd) {
    int _ = Libc.close(fd);
  }

  private static void enter(Path namespace, Kind kind) {
    int fd = openDescriptor(namespace);
    try {
      if (Libc.setns(fd, kind.cloneFlag()) != 0) {
        throw new LinuxException("setns " + kind, namespace.toString(), Native.getLastError());
      }
    } finally {
      closeDescriptor(fd);
    }
  }

  private static void setHostname(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    if (Libc.sethostname(bytes, bytes.length) != 0) {
      throw new LinuxException("sethostname", name, Native.getLastError());
    }
  }

  private static void pinAll(Map<Kind, Path> pins, String folder) {
    Deque<Path> made = new ArrayDeque<>();
    try {
      pins.forEach(
          (kind, pin) -> {
            if (isPinned(pin)) {
              throw new LinuxException("pin " + kind + " namespace on", pin + "", Errno.EEXIST);
            }
            made.push(pin);
            pin(kind, pin, folder);
          });
    } catch (RuntimeException e) {
      made.forEach(pin -> undo(pin, e));
      throw e;
    }
  }

  private static void undo(Path pin, RuntimeException failure) {
    try {
      unpin(pin);
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  private static void pin(Kind kind, Path pin, String folder) {
    try {
      Files.newOutputStream(pin, StandardOpenOption.CREATE, StandardOpenOption.WRITE).close();
    } catch (IOException e) {
      throw new CriException.Internal(
          "create pin file " + pin + " for the " + kind + " namespace: " + e, e);
    }
    String source = folder + kind.procName();
    if (Libc.mount(cString(source), cString(pin.toString()), null, MS_BIND, null) != 0) {
      int errno = Native.getLastError();
      throw new LinuxException("bind " + source + " on", pin.toString(), errno);
    }
  }

  private static void checkHostname(String name, Set<Kind> kinds) {
    if (!kinds.contains(Kind.UTS)) {
      throw new CriException.InvalidArgument(
          "hostname " + name + " needs a UTS namespace of the pod's own; the pod uses the node's");
    }
    int length = name.getBytes(StandardCharsets.UTF_8).length;
    if (length < 1 || length > 64) {
      throw new CriException.InvalidArgument(
          "hostname \"" + name + "\" has " + length + " bytes; Linux takes 1 to 64");
    }
  }

  private static byte[] cString(String value) {
    return (value + '\0').getBytes(StandardCharsets.UTF_8);
  }
}
