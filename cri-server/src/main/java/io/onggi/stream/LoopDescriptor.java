package io.onggi.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A non-blocking descriptor on an event loop, which owns it. Edge-triggered: after {@link #ready}
 * it is to be read or written until the kernel has no more, at once or later. All on the loop.
 */
abstract class LoopDescriptor implements EpollIoHandle {
  private final IoEventLoop loop;
  private final FileDescriptor descriptor;
  private @Nullable IoRegistration registration;
  private boolean closed;

  LoopDescriptor(IoEventLoop loop, int number) {
    this.loop = loop;
    this.descriptor = new FileDescriptor(number);
  }

  /** Begins to listen; what is there already is told as well. */
  final void listen() {
    if (closed) {
      return;
    }
    EpollIoOps both = EpollIoOps.EPOLLIN.with(EpollIoOps.EPOLLOUT).with(EpollIoOps.EPOLLET);
    Future<IoRegistration> future = loop.register(this);
    future.addListener(
        _ -> {
          if (!future.isSuccess()) {
            close();
            failed(new IOException("epoll refuses the descriptor", future.cause()));
            return;
          }
          registration = future.getNow();
          if (closed) {
            unregister();
          } else {
            registration.submit(both);
          }
        });
  }

  /** It can be read or written, or has come to its end. */
  abstract void ready();

  /** It cannot be listened to; it is closed. */
  abstract void failed(IOException why);

  final IoEventLoop loop() {
    return loop;
  }

  /**
   * Reads into {@code bytes} as far as it has place.
   *
   * @return 0: nothing there now; -1: the end
   */
  final int read(ByteBuf bytes) throws IOException {
    int at = bytes.writerIndex();
    int count =
        bytes.hasMemoryAddress()
            ? descriptor.readAddress(bytes.memoryAddress(), at, bytes.capacity())
            : descriptor.read(bytes.internalNioBuffer(0, bytes.capacity()), at, bytes.capacity());
    if (count > 0) {
      bytes.writerIndex(at + count);
    }
    return count;
  }

  /** Writes of {@code bytes}, which are direct, what the kernel takes now. */
  final void write(ByteBuf bytes) throws IOException {
    int from = bytes.readerIndex();
    int count =
        bytes.hasMemoryAddress()
            ? descriptor.writeAddress(bytes.memoryAddress(), from, bytes.writerIndex())
            : descriptor.write(bytes.nioBuffer(0, bytes.writerIndex()), from, bytes.writerIndex());
    bytes.readerIndex(from + Math.max(0, count));
  }

  final boolean isClosed() {
    return closed;
  }

  private void unregister() {
    IoRegistration known = registration;
    registration = null;
    if (known != null) {
      boolean _ = known.cancel();
    }
    try {
      descriptor.close();
    } catch (IOException _) {
      // It is closed all the same.
    }
  }

  @Override
  public final FileDescriptor fd() {
    return descriptor;
  }

  @Override
  public final void handle(IoRegistration which, IoEvent event) {
    if (!closed) {
      ready();
    }
  }

  /** Idempotent. */
  @Override
  public final void close() {
    if (!closed) {
      closed = true;
      unregister();
    }
  }
}
