package io.onggi.stream;

import io.netty.channel.Channel;

/**
 * Bytes of one connection that were read from the socket and not yet taken by a session. Above the
 * high mark the socket is not read, so that a session that does not take stops its client.
 */
final class Intake {
  static final int HIGH = 64 << 10;
  private static final int LOW = 16 << 10;

  private final Channel channel;
  private final StreamMemory memory;
  private long bytes;
  private boolean paused;

  Intake(Channel channel, StreamMemory memory) {
    this.channel = channel;
    this.memory = memory;
  }

  synchronized void came(int count) {
    bytes += count;
    memory.hold(count);
    if (!paused && bytes >= (memory.isScarce() ? 1 : HIGH)) {
      paused = true;
      channel.config().setAutoRead(false);
    }
  }

  synchronized void taken(int count) {
    bytes -= count;
    memory.give(count);
    if (paused && bytes <= (memory.isScarce() ? 0 : LOW)) {
      paused = false;
      channel.config().setAutoRead(true);
    }
  }
}
