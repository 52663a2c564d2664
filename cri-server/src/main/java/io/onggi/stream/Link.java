package io.onggi.stream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** One connection as session threads see it: a write parks while the client does not read. */
final class Link extends ChannelInboundHandlerAdapter {
  private final Channel channel;
  private final Intake intake;
  private final Duration closing;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Runnable> whenGone = new ArrayList<>();
  private boolean gone;

  Link(Channel channel, Duration closing) {
    this.channel = channel;
    this.intake = new Intake(channel);
    this.closing = closing;
  }

  Intake intake() {
    return intake;
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
