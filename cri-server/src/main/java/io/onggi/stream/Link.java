package io.onggi.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** One connection as session threads see it: a write parks while the client does not read. */
final class Link extends ChannelInboundHandlerAdapter {
  private final Channel channel;
  private final StreamMemory memory;
  private final Intake intake;
  private final Duration closing;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Runnable> whenGone = new ArrayList<>();
  private boolean gone;
  private @Nullable ChannelHandlerContext beneath;

  Link(Channel channel, StreamMemory memory, Duration closing) {
    this.channel = channel;
    this.memory = memory;
    this.intake = new Intake(channel, memory);
    this.closing = closing;
  }

  Intake intake() {
    return intake;
  }

  StreamMemory memory() {
    return memory;
  }

  EventLoop loop() {
    return channel.eventLoop();
  }

  /** Done when the client has gone. */
  ChannelFuture closed() {
    return channel.closeFuture();
  }

  /** Of what need not be sent. */
  ChannelFuture done() {
    return channel.newSucceededFuture();
  }

  /** Whole frames, header and all, are written below {@code codec}, which would copy them. */
  void framesGoBelow(ChannelHandlerContext codec) {
    beneath = codec;
  }

  /** Sends a whole frame's bytes, on the event loop. */
  ChannelFuture push(ByteBuf frame) {
    ChannelHandlerContext codec = beneath;
    return codec == null ? channel.writeAndFlush(frame) : codec.writeAndFlush(frame);
  }

  /**
   * Sends {@code message}, parking until there is room for it; takes over its reference.
   *
   * @throws IOException when the client has gone
   */
  void write(Object message) throws IOException {
    lock.lock();
    try {
      while (!gone && !channel.isWritable()) {
        changed.awaitUninterruptibly();
      }
      if (gone) {
        ReferenceCountUtil.release(message);
        throw new IOException("the client has closed the connection");
      }
    } finally {
      lock.unlock();
    }
    var _ = channel.writeAndFlush(message);
  }

  /** As {@link #post}; done when the kernel has all of it. */
  ChannelFuture send(Object message) {
    return channel.writeAndFlush(message);
  }

  /** As {@link #post}; goes out with the next that is posted. */
  void postLater(Object message) {
    var _ = channel.write(message);
  }

  /** Sends without waiting, for small control frames of the event loop. */
  void post(Object message) {
    var _ = channel.writeAndFlush(message);
  }

  /** Runs {@code work} on a virtual thread when the client has gone, or at once if it has. */
  void onGone(Runnable work) {
    lock.lock();
    try {
      if (!gone) {
        whenGone.add(work);
        return;
      }
    } finally {
      lock.unlock();
    }
    start(work);
  }

  /**
   * Sends {@code last} and lets the client close. Closing at once with bytes of the client unread
   * would make the kernel send a reset, which can overtake what we wrote.
   */
  void finish(Object last) {
    channel
        .writeAndFlush(last)
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                close();
                return;
              }
              var _ =
                  channel
                      .eventLoop()
                      .schedule(this::close, closing.toNanos(), TimeUnit.NANOSECONDS);
            });
  }

  void close() {
    var _ = channel.close();
  }

  /** Closes after the decoder that found bytes malformed is done with them. On the event loop. */
  void closeSoon() {
    loop().execute(this::close);
  }

  static void start(Runnable work) {
    Thread _ = Thread.ofVirtual().name("stream").start(work);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    context.fireChannelWritabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    List<Runnable> tasks;
    lock.lock();
    try {
      gone = true;
      changed.signalAll();
      tasks = List.copyOf(whenGone);
      whenGone.clear();
    } finally {
      lock.unlock();
    }
    tasks.forEach(Link::start);
    context.fireChannelInactive();
  }
}
