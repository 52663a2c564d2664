package io.onggi.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What all connections together hold of bytes that were read on one side and not yet taken on the
 * other. While it is little, each may hold a large chunk, for speed; above {@link #PLENTY} only
 * {@link #SMALL} ones, so that a thousand clients which read nothing cost a few megabytes.
 */
final class StreamMemory {
  /** Bytes. */
  static final long PLENTY = 8L << 20;

  /** As much as the shim's pipes give at once. */
  static final int LARGE = 256 << 10;

  static final int SMALL = 2 << 10;

  /** Before the bytes of a chunk there is place for any protocol's header. */
  static final int ROOM = 16;

  private final ByteBufAllocator allocator;
  private final AtomicLong held = new AtomicLong();
  private @Nullable ByteBuf spare;

  StreamMemory(ByteBufAllocator allocator) {
    this.allocator = allocator;
  }

  long held() {
    return held.get();
  }

  boolean isScarce() {
    return held.get() >= PLENTY;
  }

  void hold(int bytes) {
    held.addAndGet(bytes);
  }

  void give(int bytes) {
    held.addAndGet(-bytes);
  }

  /** An empty direct buffer that begins after {@link #ROOM}. On the event loop. */
  ByteBuf chunk() {
    ByteBuf chunk = spare;
    if (isScarce()) {
      chunk = allocator.directBuffer(ROOM + SMALL, ROOM + SMALL);
    } else if (chunk == null) {
      chunk = allocator.directBuffer(ROOM + LARGE, ROOM + LARGE);
    } else {
      spare = null;
    }
    return chunk.setIndex(ROOM, ROOM);
  }

  /** Takes back a chunk that nobody else refers to. On the event loop. */
  void reuse(ByteBuf chunk) {
    if (spare == null && chunk.capacity() > SMALL + ROOM && chunk.refCnt() == 1) {
      spare = chunk;
    } else {
      boolean _ = chunk.release();
    }
  }

  /** Frees what is kept for reuse; on the event loop, at its end. */
  void close() {
    ByteBuf last = spare;
    spare = null;
    if (last != null) {
      boolean _ = last.release();
    }
  }
}
