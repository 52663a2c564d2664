package io.onggi.linux;

import com.sun.jna.Native;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A stream socket of the unix family that descriptors can come through (man 7 unix), which those of
 * the JDK cannot. Calls block their thread: for a platform thread. Not thread-safe.
 */
public final class LocalSocket implements AutoCloseable {
  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM_CLOEXEC = 1 | 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVTIMEO = 20;
  private static final int SO_SNDTIMEO = 21;
  private static final int SCM_RIGHTS = 1;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;
  private static final int F_SETFL = 4;
  private static final int O_RDWR_NONBLOCK = 2 | 0x800;
  private static final int ADDRESS_BYTES = 110;
  private static final int MAX_DESCRIPTORS = 8;

  // struct msghdr, struct iovec and struct cmsghdr of every 64-bit Linux
  private static final int MSGHDR_BYTES = 56;
  private static final int CMSGHDR_BYTES = 16;
  private static final int CONTROL_BYTES = CMSGHDR_BYTES + 4 * MAX_DESCRIPTORS;

  private final String description;
  private int fd;

  /** The system calls of this class, by JNA direct mapping. */
  private static final class Libc {
    static {
      Native.register(Libc.class, "c");
    }

    private Libc() {}

    static native int socket(int domain, int type, int protocol);

    static native int socketpair(int domain, int type, int protocol, int[] ends);

    static native int connect(int fd, byte[] address, int length);

    static native int setsockopt(int fd, int level, int option, byte[] value, int length);

    static native long send(int fd, byte[] data, long length, int flags);

    static native long recvmsg(int fd, ByteBuffer header, int flags);

    static native int fcntl(int fd, int command, int value);

    static native int close(int fd);
  }

  private LocalSocket(int fd, String description) {
    this.fd = fd;
    this.description = description;
  }

  /**
   * @param timeout longest wait of the connecting and of each {@link #send} and {@link #receive}
   * @throws LinuxException ENOENT, ECONNREFUSED when nobody listens at {@code path}, EAGAIN after
   *     the timeout, ENAMETOOLONG
   */
  public static LocalSocket connect(Path path, Duration timeout) {
    byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
    if (name.length > ADDRESS_BYTES - 3) {
      throw new LinuxException("connect", path.toString(), Errno.ENAMETOOLONG);
    }
    int fd = Libc.socket(AF_UNIX, SOCK_STREAM_CLOEXEC, 0);
    if (fd < 0) {
      throw new LinuxException("socket for", path.toString(), Native.getLastError());
    }
    LocalSocket socket = new LocalSocket(fd, path.toString());
    try {
      socket.limit(timeout);
      ByteBuffer address = ByteBuffer.allocate(ADDRESS_BYTES).order(ByteOrder.nativeOrder());
      address.putShort((short) AF_UNIX).put(name);
      if (Libc.connect(fd, address.array(), ADDRESS_BYTES) != 0) {
        throw new LinuxException("connect", socket.description, Native.getLastError());
      }
      return socket;
    } catch (LinuxException e) {
      socket.close();
      throw e;
    }
  }

  /** Two that are connected with each other. */
  public static List<LocalSocket> pair() {
    int[] ends = new int[2];
    if (Libc.socketpair(AF_UNIX, SOCK_STREAM_CLOEXEC, 0, ends) != 0) {
      throw new LinuxException("socketpair", "", Native.getLastError());
    }
    return List.of(new LocalSocket(ends[0], "pair"), new LocalSocket(ends[1], "pair"));
  }

  private void limit(Duration timeout) {
    ByteBuffer timeval = ByteBuffer.allocate(16).order(ByteOrder.nativeOrder());
    timeval.putLong(timeout.toSeconds()).putLong(timeout.toNanosPart() / 1000);
    for (int option : new int[] {SO_RCVTIMEO, SO_SNDTIMEO}) {
      if (Libc.setsockopt(fd, SOL_SOCKET, option, timeval.array(), timeval.capacity()) != 0) {
        throw new LinuxException("setsockopt", description, Native.getLastError());
      }
    }
  }

  /**
   * @throws LinuxException EAGAIN after the timeout, EPIPE
   */
  public void send(byte[] data) {
    int sent = 0;
    while (sent < data.length) {
      byte[] rest = sent == 0 ? data : java.util.Arrays.copyOfRange(data, sent, data.length);
      long count = Libc.send(fd, rest, rest.length, MSG_NOSIGNAL);
      int errno = count < 0 ? Native.getLastError() : 0;
      if (errno != 0 && errno != Errno.EINTR) {
        throw new LinuxException("send to", description, errno);
      }
      sent += (int) Math.max(0, count);
    }
  }

  /**
   * Fills {@code into}; descriptors that come along are close-on-exec and added to {@code
   * descriptors}, whose owner closes them, also when this throws.
   *
   * @throws LinuxException EAGAIN after the timeout, ECONNRESET when the other side closes before
   */
  public void receive(byte[] into, List<Integer> descriptors) {
    ByteBuffer data = ByteBuffer.allocateDirect(into.length);
    while (data.hasRemaining()) {
      int count = receiveSome(data, descriptors);
      if (count == 0) {
        throw new LinuxException("receive from", description, Errno.ECONNRESET);
      }
      data.position(data.position() + count);
    }
    data.flip().get(into);
  }

  private int receiveSome(ByteBuffer data, List<Integer> descriptors) {
    ByteBuffer iovec = direct(16);
    ByteBuffer control = direct(CONTROL_BYTES);
    ByteBuffer header = direct(MSGHDR_BYTES);
    iovec.putLong(0, address(data.slice())).putLong(8, data.remaining());
    header.putLong(16, address(iovec)).putLong(24, 1);
    header.putLong(32, address(control)).putLong(40, CONTROL_BYTES);
    long count;
    int errno;
    do {
      count = Libc.recvmsg(fd, header, MSG_CMSG_CLOEXEC);
      errno = count < 0 ? Native.getLastError() : 0;
    } while (errno == Errno.EINTR);
    if (errno != 0) {
      throw new LinuxException("receive from", description, errno);
    }
    descriptors.addAll(rights(control, header.getLong(40)));
    return (int) count;
  }

  /** The kernel puts all descriptors of a message into one control message, the first. */
  private static List<Integer> rights(ByteBuffer control, long length) {
    List<Integer> found = new ArrayList<>();
    boolean some =
        length >= CMSGHDR_BYTES
            && control.getInt(8) == SOL_SOCKET
            && control.getInt(12) == SCM_RIGHTS;
    for (int at = CMSGHDR_BYTES; some && at + 4 <= control.getLong(0); at += 4) {
      found.add(control.getInt(at));
    }
    return found;
  }

  private static ByteBuffer direct(int size) {
    return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
  }

  private static long address(ByteBuffer direct) {
    return com.sun.jna.Pointer.nativeValue(Native.getDirectBufferPointer(direct));
  }

  /** Its number from now on belongs to the caller and never blocks; this object is closed. */
  public int release() {
    if (Libc.fcntl(fd, F_SETFL, O_RDWR_NONBLOCK) != 0) {
      throw new LinuxException("fcntl", description, Native.getLastError());
    }
    int number = fd;
    fd = -1;
    return number;
  }

  /** Closes a descriptor that came through a socket. */
  public static void closeNumber(int number) {
    if (number >= 0) {
      int _ = Libc.close(number);
    }
  }

  @Override
  public void close() {
    closeNumber(fd);
    fd = -1;
  }
}
