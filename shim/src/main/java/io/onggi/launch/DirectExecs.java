package io.onggi.launch;

import io.onggi.linux.LinuxException;
import io.onggi.linux.LocalSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/** Starts execs whose descriptors come back (PROTOCOL.md, section 3, EXEC's flag 16). */
final class DirectExecs {
  private static final int HAND_OVER = 16;

  private DirectExecs() {}

  static DirectExec open(
      String subject, Path socket, LaunchPlan plan, ExecOptions options, Duration answerLimit) {
    if (!plan.settings().isEmpty() || options.limitBytes() != 0) {
      throw new IllegalArgumentException("a direct exec has no settings and no limit of bytes");
    }
    byte[] request = SocketExec.request(plan, options, HAND_OVER).encoded();
    // A native call would hold the carrier of a virtual thread.
    return onPlatformThread(
        () -> {
          try (LocalSocket connection = LocalSocket.connect(socket, answerLimit)) {
            return ask(subject, connection, request, plan, options);
          } catch (LinuxException e) {
            throw new ShimException.Gone(
                "the shim of " + subject + " does not answer: " + e.getMessage(), e);
          }
        });
  }

  private static DirectExec ask(
      String subject,
      LocalSocket connection,
      byte[] request,
      LaunchPlan plan,
      ExecOptions options) {
    List<Integer> descriptors = new ArrayList<>();
    try {
      connection.send(request);
      Frame answer = receive(connection, descriptors);
      return switch (answer.type()) {
        case Frame.EXEC_STARTED -> started(connection, answer.reader(), options, descriptors);
        case Frame.FAILED -> {
          LaunchFailure failure = Report.failure(answer.reader());
          throw new LaunchException("an exec in " + subject, plan.entries(), failure);
        }
        case Frame.ERROR -> throw ControlChannel.refused("exec in", subject, answer);
        default -> throw new WireException("exec: answer of type 0x%x".formatted(answer.type()));
      };
    } catch (RuntimeException e) {
      descriptors.forEach(LocalSocket::closeNumber);
      throw e;
    }
  }

  private static Frame receive(LocalSocket connection, List<Integer> descriptors) {
    byte[] header = new byte[Frame.HEADER];
    connection.receive(header, descriptors);
    Frame.Header told = Frame.header(header);
    byte[] payload = new byte[told.length()];
    connection.receive(payload, descriptors);
    return new Frame(told.type(), payload);
  }

  private static DirectExec started(
      LocalSocket connection, WireReader in, ExecOptions options, List<Integer> descriptors) {
    int pid = in.size();
    in.end();
    // A terminal has one output.
    boolean stderr = options.stderr() && !options.terminal();
    boolean stdout = options.stdout() || options.terminal();
    int wanted = (options.stdin() ? 1 : 0) + (stdout ? 1 : 0) + (stderr ? 1 : 0);
    if (descriptors.size() != wanted) {
      throw new WireException(
          "exec: %d descriptors came instead of %d".formatted(descriptors.size(), wanted));
    }
    Iterator<Integer> next = descriptors.iterator();
    return new DirectExec(
        pid,
        connection.release(),
        options.stdin() ? next.next() : DirectExec.NONE,
        stdout ? next.next() : DirectExec.NONE,
        stderr ? next.next() : DirectExec.NONE);
  }

  private static <T> T onPlatformThread(Supplier<T> work) {
    FutureTask<T> task = new FutureTask<>(work::get);
    Thread _ = Thread.ofPlatform().daemon().name("exec").start(task);
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException known
          ? known
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ShimException.Gone("interrupted while an exec started", e);
    }
  }
}
