package io.onggi.stream;

import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the connections that run. */
final class Sessions {
  private final int limit;
  private final AtomicInteger running = new AtomicInteger();

  Sessions(int limit) {
    this.limit = limit;
  }

  /** Counts {@code channel} until it is closed; false when there are too many. */
  boolean enter(Channel channel) {
    if (running.incrementAndGet() > limit) {
      running.decrementAndGet();
      return false;
    }
    channel.closeFuture().addListener(_ -> running.decrementAndGet());
    return true;
  }

  int running() {
    return running.get();
  }
}
