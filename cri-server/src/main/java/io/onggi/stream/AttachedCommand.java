package io.onggi.stream;

import io.onggi.error.CriException;
import io.onggi.launch.AttachEvent;
import io.onggi.launch.AttachEvent.Detached;
import io.onggi.launch.AttachEvent.Dropped;
import io.onggi.launch.AttachEvent.Ended;
import io.onggi.launch.AttachEvent.Stderr;
import io.onggi.launch.AttachEvent.Stdout;
import io.onggi.launch.AttachSession;
import io.onggi.launch.ExecEvent;
import io.onggi.launch.ExecSession;
import io.onggi.launch.ShimException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A container's own streams, served as a command's. It ends well whatever the container's exit code
 * is: an attach that fails makes {@code kubectl run} print everything once more from the log
 * (kubectl run.go, handleAttachPod). Missing output is a failure for the same reason.
 */
final class AttachedCommand implements ExecSession {
  private final String subject;
  private final StreamSet streams;
  private final AttachSession session;
  private long missed;

  /**
   * @param subject for messages: {@code container ID}
   * @param streams that the client asked for
   */
  AttachedCommand(String subject, StreamSet streams, AttachSession session) {
    this.subject = subject;
    this.streams = streams;
    this.session = session;
  }

  @Override
  public int pid() {
    return session.pid();
  }

  @Override
  public ExecEvent next() {
    while (true) {
      switch (receive()) {
        case Stdout out -> {
          return new ExecEvent.Stdout(out.bytes());
        }
        case Stderr err -> {
          return new ExecEvent.Stderr(err.bytes());
        }
        case Dropped(long bytes) -> {
          missed += bytes;
          String words = "onggi: " + bytes + " bytes of output dropped, read faster";
          if (streams.terminal()) {
            return new ExecEvent.Stdout(bytes("\r\n" + words + "\r\n"));
          }
          if (streams.stderr()) {
            return new ExecEvent.Stderr(bytes(words + "\n"));
          }
        }
        case Ended _, Detached _ -> {
          return end();
        }
      }
    }
  }

  private AttachEvent receive() {
    try {
      return session.next();
    } catch (ShimException.Gone e) {
      throw new ShimException.Gone(
          subject
              + " has ended (or its shim was killed) before its output was all read here; its log"
              + " has it",
          e);
    }
  }

  private ExecEvent end() {
    if (missed > 0 && !streams.terminal()) {
      throw new CriException.ResourceExhausted(
          missed
              + " bytes of the output of "
              + subject
              + " were dropped, for a container does not wait for a client that reads too slowly;"
              + " its log has them",
          null);
    }
    return new ExecEvent.Exited(0, false, false, false);
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Input for a container without a stdin is taken and lost, as it is behind /dev/null. */
  @Override
  public void stdin(ByteBuffer bytes) {
    if (session.hasStdin()) {
      session.stdin(bytes);
    }
  }

  @Override
  public void closeStdin() {
    if (session.hasStdin()) {
      session.endStdin();
    }
  }

  @Override
  public void resize(int rows, int cols) {
    session.resize(rows, cols);
  }

  @Override
  public void close() {
    session.close();
  }
}
