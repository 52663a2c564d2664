package io.onggi.stream;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;

/** What a client sent on one stream: filled by the event loop, emptied by one session thread. */
final class Inbox {
  private final Intake intake;
  private final IntConsumer taken;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<ByteBuffer> chunks = new ArrayDeque<>();
  private boolean ended;
  private boolean discarding;

  /**
   * @param taken told how many bytes a session took, after it took them
   */
  Inbox(Intake intake, IntConsumer taken) {
    this.intake = intake;
    this.taken = taken;
  }

  /** Copies {@code bytes}; never waits. */
  void put(ByteBuf bytes) {
    int count = bytes.readableBytes();
    if (count == 0) {
      return;
    }
    lock.lock();
    try {
      if (discarding || ended) {
        return;
      }
      byte[] copy = new byte[count];
      bytes.readBytes(copy);
      chunks.add(ByteBuffer.wrap(copy));
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    intake.came(count);
  }

  /** Nothing more comes; what is inside can still be taken. */
  void end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Nobody takes any more: drops what is inside and whatever comes. */
  void discard() {
    int dropped = 0;
    lock.lock();
    try {
      for (ByteBuffer chunk : chunks) {
        dropped += chunk.remaining();
      }
      chunks.clear();
      discarding = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    intake.taken(dropped);
  }

  /** Parks until bytes come; empty at the end. */
  Optional<ByteBuffer> take() {
    Optional<ByteBuffer> chunk = takeChunk();
    chunk.ifPresent(
        bytes -> {
          intake.taken(bytes.remaining());
          taken.accept(bytes.remaining());
        });
    return chunk;
  }

  private Optional<ByteBuffer> takeChunk() {
    lock.lock();
    try {
      while (chunks.isEmpty() && !ended && !discarding) {
        changed.awaitUninterruptibly();
      }
      return Optional.ofNullable(chunks.poll());
    } finally {
      lock.unlock();
    }
  }
}
