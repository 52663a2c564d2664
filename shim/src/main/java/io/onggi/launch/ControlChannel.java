package io.onggi.launch;

import io.onggi.linux.Errno;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * One connection to a shim, frame by frame. Reads and writes park a virtual thread; one thread may
 * read while another writes. Holds no buffer between frames.
 */
final class ControlChannel implements AutoCloseable {
  private static final int STDIN_CHUNK = 32 << 10;

  private final String subject;
  private final SocketChannel channel;

  private ControlChannel(String subject, SocketChannel channel) {
    this.subject = subject;
    this.channel = channel;
  }

  static ControlChannel connect(String subject, Path socket) {
    try {
      SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        channel.connect(UnixDomainSocketAddress.of(socket));
        return new ControlChannel(subject, channel);
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw new ShimException.Gone(
          "the shim of " + subject + " does not answer at " + socket + ": " + e.getMessage(), e);
    }
  }

  /** Whole frames do not interleave. */
  synchronized void send(Frame frame) {
    try {
      write(ByteBuffer.wrap(frame.encodedHeader()));
      write(ByteBuffer.wrap(frame.payload()));
    } catch (IOException e) {
      throw gone(e);
    }
  }

  /** As STDIN frames; an empty one would mean the end, so no bytes are no frame. */
  void sendStdin(ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      byte[] chunk = new byte[Math.min(STDIN_CHUNK, bytes.remaining())];
      bytes.get(chunk);
      send(new Frame(Frame.STDIN, chunk));
    }
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  Frame receive() {
    try {
      Frame.Header header = Frame.header(readFully(Frame.HEADER));
      return new Frame(header.type(), readFully(header.length()));
    } catch (IOException e) {
      throw gone(e);
    }
  }

  private byte[] readFully(int length) throws IOException {
    ByteBuffer into = ByteBuffer.allocate(length);
    while (into.hasRemaining()) {
      if (channel.read(into) < 0) {
        throw new EOFException("it closed the connection");
      }
    }
    return into.array();
  }

  private ShimException.Gone gone(IOException e) {
    String why =
        e instanceof AsynchronousCloseException
            ? "the connection was closed on our side"
            : String.valueOf(e.getMessage());
    return new ShimException.Gone("the shim of " + subject + " is gone: " + why, e);
  }

  /** Runs {@code talk}; when it is not done in time the connection is closed under it. */
  <T> T within(Duration limit, ScheduledExecutorService timer, Supplier<T> talk) {
    AtomicBoolean rang = new AtomicBoolean();
    Runnable ring =
        () -> {
          rang.set(true);
          close();
        };
    ScheduledFuture<?> alarm = timer.schedule(ring, limit.toNanos(), TimeUnit.NANOSECONDS);
    try {
      return talk.get();
    } catch (ShimException.Gone e) {
      if (rang.get()) {
        throw new ShimException.Gone(
            "the shim of " + subject + " did not answer within " + limit.toMillis() + " ms", e);
      }
      throw e;
    } finally {
      alarm.cancel(false);
    }
  }

  /** Sends a frame and wants an answer of type {@code wanted}. */
  Frame ask(String what, Frame question, int wanted) {
    send(question);
    Frame answer = receive();
    if (answer.type() == wanted) {
      return answer;
    }
    if (answer.type() == Frame.ERROR) {
      throw refused(what, answer);
    }
    throw new WireException(
        "%s of %s: answer of type 0x%x".formatted(what, subject, answer.type()));
  }

  ShimException.Refused refused(String what, Frame error) {
    return refused(what, subject, error);
  }

  static ShimException.Refused refused(String what, String subject, Frame error) {
    WireReader in = error.reader();
    int errno = in.size();
    String reason = in.str();
    in.end();
    // The message need not repeat what the errno says already.
    String words = reason.equals(Errno.describe(errno)) ? "" : reason;
    return new ShimException.Refused(what + " " + subject, errno, words);
  }

  String subject() {
    return subject;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw gone(e);
    }
  }
}
