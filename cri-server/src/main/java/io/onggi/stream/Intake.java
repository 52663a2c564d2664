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
  private long bytes;
  private boolean paused;

  Intake(Channel channel) {
    this.channel = channel;
  }

  synchronized void came(int count) {
    bytes += count;
    if (!paused && bytes >= HIGH) {
      paused = true;
      channel.config().setAutoRead(false);
    }
  }

  synchronized void taken(int count) {
    bytes -= count;
    if (paused && bytes <= LOW) {
      paused = false;
      channel.config().setAutoRead(true);
    }
  }
}
