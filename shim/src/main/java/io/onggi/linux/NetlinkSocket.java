package io.onggi.linux;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An AF_NETLINK socket (man 7 netlink): bytes in, bytes out, no meaning. It belongs to the network
 * namespace of the thread that opens it and works from every thread afterwards, one at a time.
 *
 * <p>The kernel carries a request out within {@link #send}; what it has to say waits in the socket
 * by then, so {@link #receive} does not block for longer than the timeout given at opening.
 */
public final class NetlinkSocket implements AutoCloseable {
  /** Links, addresses, routes (rtnetlink(7)). */
  public static final int ROUTE = 0;

  /** nf_tables and conntrack (nfnetlink). */
  public static final int NETFILTER = 12;

  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVTIMEO = 20;
  private static final int SO_SNDBUFFORCE = 32;
  private static final int SO_RCVBUFFORCE = 33;
  private static final int SOL_NETLINK = 270;
  private static final int NETLINK_CAP_ACK = 10;
  private static final int NETLINK_EXT_ACK = 11;
  private static final int MSG_TRUNC = 0x20;

  /** A transaction of some ten thousand map elements fits. */
  private static final int BUFFER_BYTES = 4 << 20;

  /** The kernel fills dump datagrams up to 32 KiB (netlink_dump in af_netlink.c). */
  private static final int DATAGRAM_BYTES = 64 << 10;

  private static final int SOCKADDR_NL_BYTES = 12;

  private final String description;
  private final ByteBuffer datagram;
  private final @Nullable Pointer datagramAddress;
  private int fd;

  /** The system calls of this class, by JNA direct mapping. */
  private static final class Libc {
    static {
      Native.register(Libc.class, "c");
    }

    private Libc() {}

    static native int socket(int domain, int type, int protocol);

    static native int bind(int fd, byte[] address, int length);

    static native int setsockopt(int fd, int level, int option, byte[] value, int length);

    static native long send(int fd, byte[] data, long length, int flags);

    static native long recv(int fd, @Nullable Pointer data, long length, int flags);

    static native int close(int fd);
  }

  private NetlinkSocket(int fd, String description) {
    this.fd = fd;
    this.description = description;
    this.datagram = ByteBuffer.allocateDirect(DATAGRAM_BYTES).order(ByteOrder.nativeOrder());
    this.datagramAddress = Native.getDirectBufferPointer(datagram);
  }

  /**
   * Opens a socket in the calling thread's network namespace.
   *
   * @param protocol {@link #ROUTE} or {@link #NETFILTER}
   * @param timeout longest wait of one {@link #receive}
   * @throws LinuxException EPROTONOSUPPORT if the kernel lacks the protocol
   */
  public static NetlinkSocket open(int protocol, Duration timeout) {
    String description = protocol == NETFILTER ? "nfnetlink socket" : "rtnetlink socket";
    int fd = Libc.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, protocol);
    if (fd < 0) {
      throw new LinuxException("open", description, Native.getLastError());
    }
    NetlinkSocket socket = new NetlinkSocket(fd, description);
    try {
      socket.configure(timeout);
      return socket;
    } catch (LinuxException e) {
      socket.close();
      throw e;
    }
  }

  private void configure(Duration timeout) {
    ByteBuffer address = ByteBuffer.allocate(SOCKADDR_NL_BYTES).order(ByteOrder.nativeOrder());
    address.putShort(0, (short) AF_NETLINK);
    if (Libc.bind(fd, address.array(), SOCKADDR_NL_BYTES) != 0) {
      throw new LinuxException("bind", description, Native.getLastError());
    }
    ByteBuffer timeval = ByteBuffer.allocate(16).order(ByteOrder.nativeOrder());
    timeval.putLong(timeout.toSeconds()).putLong(timeout.toNanosPart() / 1000);
    set(SOL_SOCKET, SO_RCVTIMEO, timeval.array());
    set(SOL_SOCKET, SO_SNDBUFFORCE, integer(BUFFER_BYTES));
    set(SOL_SOCKET, SO_RCVBUFFORCE, integer(BUFFER_BYTES));
    // Errors then come with the kernel's own sentence and without a copy of the request.
    set(SOL_NETLINK, NETLINK_CAP_ACK, integer(1));
    set(SOL_NETLINK, NETLINK_EXT_ACK, integer(1));
  }

  private static byte[] integer(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(value).array();
  }

  private void set(int level, int option, byte[] value) {
    if (Libc.setsockopt(fd, level, option, value, value.length) != 0) {
      throw new LinuxException("setsockopt " + option, description, Native.getLastError());
    }
  }

  /** Hands {@code length} bytes to the kernel as one datagram of one or more messages. */
  public void send(byte[] data, int length) {
    long sent;
    int errno;
    do {
      sent = Libc.send(fd, data, length, 0);
      errno = sent < 0 ? Native.getLastError() : 0;
    } while (errno == Errno.EINTR);
    if (sent != length) {
      throw new LinuxException("send " + length + " bytes to", description, errno);
    }
  }

  /**
   * The next datagram. The buffer is the socket's own: it is valid until the next call.
   *
   * @throws LinuxException EAGAIN after the timeout, ENOBUFS if the kernel had to drop messages,
   *     EMSGSIZE for a datagram that does not fit
   */
  public ByteBuffer receive() {
    long received;
    int errno;
    do {
      received = Libc.recv(fd, datagramAddress, DATAGRAM_BYTES, MSG_TRUNC);
      errno = received < 0 ? Native.getLastError() : 0;
    } while (errno == Errno.EINTR);
    if (errno != 0) {
      throw new LinuxException("receive from", description, errno);
    }
    if (received > DATAGRAM_BYTES) {
      throw new LinuxException("receive from", description, 90);
    }
    return datagram.duplicate().order(ByteOrder.nativeOrder()).clear().limit((int) received);
  }

  @Override
  public void close() {
    if (fd >= 0) {
      int _ = Libc.close(fd);
      fd = -1;
    }
  }
}
