package io.onggi.launch;

import java.nio.ByteBuffer;

/** What comes out of a running exec, in order; {@link Exited} is the last. */
public sealed interface ExecEvent {
  record Stdout(ByteBuffer bytes) implements ExecEvent {}

  record Stderr(ByteBuffer bytes) implements ExecEvent {}

  /**
   * @param exitCode 0..255; 128 + signal when killed
   */
  record Exited(int exitCode, boolean timedOut, boolean stdoutCut, boolean stderrCut)
      implements ExecEvent {}
}
