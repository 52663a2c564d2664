package io.onggi.stream;

import io.onggi.launch.ExecEvent.Exited;
import io.onggi.launch.ExecEvent.Stderr;
import io.onggi.launch.ExecEvent.Stdout;
import io.onggi.launch.ExecSession;
import io.onggi.launch.ShimException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Moves bytes between a client and a process until one of them ends. */
final class CommandRun {
  private static final Logger LOG = Logger.getLogger("io.onggi.stream");

  private final String subject;
  private final StreamSet streams;
  private final Supplier<ExecSession> opener;
  private final CommandClient client;

  CommandRun(
      String subject, StreamSet streams, Supplier<ExecSession> opener, CommandClient client) {
    this.subject = subject;
    this.streams = streams;
    this.opener = opener;
    this.client = client;
  }

  /** Parks until the end; for a virtual thread of its own. */
  void run() {
    try {
      CommandStatus status = status();
      client.stdin().discard();
      client.resizes().discard();
      client.end(status);
    } catch (IOException e) {
      LOG.log(Level.FINE, "{0}: {1}", new Object[] {subject, e.getMessage()});
      client.link().close();
    } finally {
      client.stdin().discard();
      client.resizes().discard();
    }
  }

  private CommandStatus status() throws IOException {
    try (ExecSession session = opener.get()) {
      client.link().onGone(session::close);
      if (streams.stdin()) {
        Link.start(() -> feed(session));
      }
      if (streams.terminal()) {
        Link.start(() -> resize(session));
      }
      return pump(session);
    } catch (RuntimeException e) {
      // The client is told; what the daemon did not expect goes to its log as well.
      if (!(e instanceof ShimException)) {
        LOG.log(Level.FINE, subject + ": " + e.getMessage(), e);
      }
      return new CommandStatus.Failed(subject + ": " + e.getMessage());
    }
  }

  private CommandStatus pump(ExecSession session) throws IOException {
    while (true) {
      switch (session.next()) {
        case Stdout out -> client.stdout(out.bytes());
        case Stderr err -> client.stderr(err.bytes());
        case Exited end -> {
          return new CommandStatus.Exited(end.exitCode());
        }
      }
    }
  }

  private void feed(ExecSession session) {
    try {
      Optional<ByteBuffer> bytes = client.stdin().take();
      while (bytes.isPresent()) {
        session.stdin(bytes.get());
        bytes = client.stdin().take();
      }
      session.closeStdin();
    } catch (ShimException e) {
      // The process has ended: nobody will read what the client still sends.
      client.stdin().discard();
    }
  }

  private void resize(ExecSession session) {
    TerminalSizes sizes = new TerminalSizes();
    try {
      Optional<ByteBuffer> bytes = client.resizes().take();
      while (bytes.isPresent()) {
        sizes.read(bytes.get()).ifPresent(size -> session.resize(size.rows(), size.columns()));
        bytes = client.resizes().take();
      }
    } catch (ShimException e) {
      client.resizes().discard();
    }
  }
}
