package io.onggi.stream;

import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;

/**
 * How much is read from a client's socket at once: twice what came last, so that one who sends much
 * is read in large pieces and one who is silent holds little; and little when memory is scarce.
 */
final class ReadSizes extends DefaultMaxMessagesRecvByteBufAllocator {
  private static final int MOST = 64 << 10;

  private final StreamMemory memory;

  ReadSizes(StreamMemory memory) {
    this.memory = memory;
  }

  @Override
  public ExtendedHandle newHandle() {
    return new Sizes();
  }

  private final class Sizes extends MaxMessageHandle {
    private int next = StreamMemory.SMALL;

    @Override
    public void lastBytesRead(int bytes) {
      super.lastBytesRead(bytes);
      if (bytes > 0) {
        next = Math.clamp(2L * bytes, StreamMemory.SMALL, MOST);
      }
    }

    @Override
    public int guess() {
      return memory.isScarce() ? StreamMemory.SMALL : next;
    }
  }
}
