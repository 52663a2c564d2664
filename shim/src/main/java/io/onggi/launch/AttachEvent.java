package io.onggi.launch;

import java.nio.ByteBuffer;

/** What an attached client is told, in order; {@link Ended} or {@link Detached} is the last. */
public sealed interface AttachEvent {
  record Stdout(ByteBuffer bytes) implements AttachEvent {}

  record Stderr(ByteBuffer bytes) implements AttachEvent {}

  /**
   * Output is missing here, because the client was slower than the container.
   *
   * @param bytes at least 1
   */
  record Dropped(long bytes) implements AttachEvent {}

  /**
   * The container has ended.
   *
   * @param exitCode 0..255; 128 + signal when killed
   */
  record Ended(int exitCode) implements AttachEvent {}

  /** The client's stdin has ended, and the container lives on with its own open. */
  record Detached() implements AttachEvent {}
}
