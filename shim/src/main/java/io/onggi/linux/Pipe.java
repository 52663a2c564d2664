package io.onggi.linux;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.time.Duration;

/**
 * A pipe whose both ends are close-on-exec (man 2 pipe); a child gets an end through {@link
 * Processes#spawn}. Not thread-safe; reads block their thread.
 */
public final class Pipe implements AutoCloseable {
  private static final int O_CLOEXEC = 0x80000;
  private static final short POLLIN = 1;
  private static final int POLLFD_SIZE = 8;
  private static final long NANOS_PER_MILLI = 1_000_000L;

  static {
    Native.register(Pipe.class, "c");
  }

  private int readEnd;
  private int writeEnd;

  private Pipe(int readEnd, int writeEnd) {
    this.readEnd = readEnd;
    this.writeEnd = writeEnd;
  }

  public static Pipe open() {
    int[] ends = new int[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
      throw new LinuxException("pipe2", "", Native.getLastError());
    }
    return new Pipe(ends[0], ends[1]);
  }

  public int readEnd() {
    return readEnd;
  }

  public int writeEnd() {
    return writeEnd;
  }

  /** So that a read sees the end when the child has closed its copy; idempotent. */
  public void closeWriteEnd() {
    if (writeEnd >= 0) {
      close(writeEnd);
      writeEnd = -1;
    }
  }

  /**
   * Reads what is there, at least one byte.
   *
   * @param deadline on the clock of {@link System#nanoTime}
   * @return the number of bytes; 0: every write end is closed
   * @throws LinuxException ETIMEDOUT when nothing came by the deadline
   */
  public int read(byte[] into, int offset, long deadline) {
    byte[] chunk = new byte[into.length - offset];
    while (true) {
      await(deadline);
      long count = read(readEnd, chunk, chunk.length);
      if (count >= 0) {
        System.arraycopy(chunk, 0, into, offset, (int) count);
        return (int) count;
      }
      int errno = Native.getLastError();
      if (errno != Errno.EINTR && errno != Errno.EAGAIN) {
        throw new LinuxException("read", "pipe", errno);
      }
    }
  }

  private void await(long deadline) {
    try (Memory pollfd = new Memory(POLLFD_SIZE)) {
      pollfd.setInt(0, readEnd);
      pollfd.setShort(4, POLLIN);
      pollfd.setShort(6, (short) 0);
      while (true) {
        long left = Math.max(0, deadline - System.nanoTime());
        int millis =
            (int) Math.min(Integer.MAX_VALUE, (left + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
        int ready = poll(pollfd, 1, millis);
        if (ready > 0) {
          return;
        }
        int errno = ready == 0 ? Errno.ETIMEDOUT : Native.getLastError();
        if (errno != Errno.EINTR) {
          throw new LinuxException("poll", "pipe", errno);
        }
      }
    }
  }

  /** A deadline for {@link #read}, {@code timeout} from now. */
  public static long deadline(Duration timeout) {
    return System.nanoTime() + timeout.toNanos();
  }

  @Override
  public void close() {
    closeWriteEnd();
    if (readEnd >= 0) {
      close(readEnd);
      readEnd = -1;
    }
  }

  private static native int pipe2(int[] ends, int flags);

  private static native int poll(Pointer fds, long count, int millis);

  private static native long read(int fd, byte[] buffer, long count);

  private static native int close(int fd);
}
