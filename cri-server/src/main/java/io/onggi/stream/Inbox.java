package io.onggi.stream;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a client sent on one stream: filled by the event loop, emptied either by one session thread
 * ({@link #take}) or on the loop itself ({@link #peek} and {@link #took}).
 */
final class Inbox {
  private final Intake intake;
  private final IntConsumer taken;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<ByteBuf> chunks = new ArrayDeque<>();
  private Runnable listener = () -> {};
  private boolean ended;
  private boolean discarding;

  /**
   * @param taken told how many bytes a session took, after it took them
   */
  Inbox(Intake intake, IntConsumer taken) {
    this.intake = intake;
    this.taken = taken;
  }

  /** Keeps a reference to what is readable of {@code bytes}; never waits. On the event loop. */
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
      chunks.add(bytes.readRetainedSlice(count));
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    // Counted afterwards: what is taken at once never stops the client.
    listener.run();
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
    listener.run();
  }

  /** Nobody takes any more: drops what is inside and whatever comes. Any thread. */
  void discard() {
    int dropped = 0;
    lock.lock();
    try {
      for (ByteBuf chunk : chunks) {
        dropped += chunk.readableBytes();
        boolean _ = chunk.release();
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
    chunk.ifPresent(bytes -> told(bytes.remaining()));
    return chunk;
  }

  private Optional<ByteBuffer> takeChunk() {
    lock.lock();
    try {
      while (chunks.isEmpty() && !ended && !discarding) {
        changed.awaitUninterruptibly();
      }
      ByteBuf first = chunks.poll();
      return first == null ? Optional.empty() : Optional.of(copied(first));
    } finally {
      lock.unlock();
    }
  }

  private static ByteBuffer copied(ByteBuf bytes) {
    byte[] copy = new byte[bytes.readableBytes()];
    bytes.readBytes(copy);
    boolean _ = bytes.release();
    return ByteBuffer.wrap(copy);
  }

  private void told(int count) {
    intake.taken(count);
    taken.accept(count);
  }

  // Emptied on the event loop

  /** Calls {@code work} now and after every change, on the event loop. */
  void onChange(Runnable work) {
    listener = work;
    work.run();
  }

  /** The oldest bytes, which stay the inbox's own; null when there are none now. */
  @Nullable ByteBuf peek() {
    lock.lock();
    try {
      return chunks.peek();
    } finally {
      lock.unlock();
    }
  }

  /** {@code count} bytes were read out of what {@link #peek} gave. */
  void took(int count) {
    lock.lock();
    try {
      ByteBuf first = chunks.peek();
      if (first != null && !first.isReadable()) {
        chunks.remove();
        boolean _ = first.release();
      }
    } finally {
      lock.unlock();
    }
    told(count);
  }

  boolean isEnded() {
    lock.lock();
    try {
      return ended && chunks.isEmpty();
    } finally {
      lock.unlock();
    }
  }
}
