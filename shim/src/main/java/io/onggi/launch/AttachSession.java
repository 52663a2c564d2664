package io.onggi.launch;

import java.nio.ByteBuffer;

/**
 * The streams of a container's first process. One thread reads events, another may write stdin and
 * resize. A session that is not read delays nobody: it misses output and is told how much
 * (PROTOCOL.md, section 3).
 */
public interface AttachSession extends AutoCloseable {
  /** The container's first process, host view. */
  int pid();

  /** False when it was not asked for, or the container has no stdin (any more). */
  boolean hasStdin();

  /**
   * Parks until something comes; nothing comes after {@link AttachEvent.Ended} and {@link
   * AttachEvent.Detached}.
   *
   * @throws ShimException.Gone when the shim went away: with its container, once it has waited a
   *     second for a session that does not read
   */
  AttachEvent next();

  /** Writes all of {@code bytes} to the container's stdin; parks while its pipe is full. */
  void stdin(ByteBuffer bytes);

  /**
   * Nothing more comes from this client. A stdin for one client only ends with it; otherwise the
   * session is {@link AttachEvent.Detached}, after the output so far. Idempotent.
   */
  void endStdin();

  /** Characters. The first one of a session makes the program draw its screen anew. */
  void resize(int rows, int cols);

  /** Leaves; the container lives on. Idempotent. */
  @Override
  void close();
}
