package io.onggi.launch;

import io.onggi.launch.ExecEvent.Exited;
import io.onggi.launch.ExecEvent.Stderr;
import io.onggi.launch.ExecEvent.Stdout;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/**
 * A running exec. One thread reads events, another may write stdin and resize; a session that is
 * not read stops the exec's output in its pipe and costs no memory.
 */
public interface ExecSession extends AutoCloseable {
  /** Its process, host view. */
  int pid();

  /**
   * Parks until something comes; after {@link Exited} there is nothing more to read.
   *
   * @throws ShimException.Gone when the shim went away
   */
  ExecEvent next();

  /** Writes all of {@code bytes} to the exec's stdin; parks while its pipe is full. */
  void stdin(ByteBuffer bytes);

  /** Ends stdin; idempotent. */
  void closeStdin();

  /** Characters. */
  void resize(int rows, int cols);

  /** Kills what still runs of the exec; idempotent. */
  @Override
  void close();

  /** Reads to the end and keeps both streams. */
  default ExecResult collect() {
    ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    while (true) {
      switch (next()) {
        case Stdout out -> keep(stdout, out.bytes());
        case Stderr err -> keep(stderr, err.bytes());
        case Exited end -> {
          return new ExecResult(
              end.exitCode(),
              stdout.toByteArray(),
              stderr.toByteArray(),
              end.timedOut(),
              end.stdoutCut(),
              end.stderrCut());
        }
      }
    }
  }

  private static void keep(ByteArrayOutputStream into, ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    into.writeBytes(copy);
  }
}
