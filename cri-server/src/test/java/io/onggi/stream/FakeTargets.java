package io.onggi.stream;

import io.onggi.launch.DirectExec;
import io.onggi.launch.ExecEvent;
import io.onggi.launch.ExecSession;
import io.onggi.launch.ShimException;
import io.onggi.launch.testing.FakeDirectExecs;
import io.onggi.linux.LinuxException;
import io.onggi.linux.LocalSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Commands by name, on descriptors of the kernel: {@code cat} echoes stdin and exits 3 at its end,
 * {@code flood} writes until {@link #FLOOD_CHUNKS}, {@code spring} without end, {@code sleep} waits
 * to be closed and reads nothing, {@code loop} is a stdin that is its own stdout, without any
 * thread. Ports are the node's own.
 */
final class FakeTargets implements StreamTargets {
  static final int CHUNK = 32 << 10;
  static final int FLOOD_CHUNKS = 2048;

  final AtomicInteger flooded = new AtomicInteger();
  final CountDownLatch closed = new CountDownLatch(1);
  final LinkedBlockingQueue<String> sizes = new LinkedBlockingQueue<>();

  /** The other ends of descriptors that were handed over, for commands without a thread. */
  final Queue<LocalSocket> kept = new ConcurrentLinkedQueue<>();

  @Override
  public StreamRequest check(StreamRequest request) {
    return request;
  }

  @Override
  public DirectExec exec(StreamRequest.Exec request) {
    String command = request.command().getFirst();
    List<LocalSocket> control = LocalSocket.pair();
    if (command.equals("loop")) {
      List<LocalSocket> loop = LocalSocket.pair();
      kept.add(control.get(1));
      return new DirectExec(
          1, number(control), number(loop), loop.get(1).release(), DirectExec.NONE);
    }
    List<LocalSocket> stdin = LocalSocket.pair();
    List<LocalSocket> stdout = LocalSocket.pair();
    List<LocalSocket> stderr = LocalSocket.pair();
    stderr.get(1).send("started".getBytes(StandardCharsets.UTF_8));
    stderr.get(1).close();
    DirectExec exec =
        new DirectExec(1, number(control), number(stdin), number(stdout), number(stderr));
    daemon(() -> shim(control.get(1)));
    Runnable process =
        switch (command) {
          case "cat" -> () -> cat(stdin.get(1), stdout.get(1), control.get(1));
          case "spring" -> () -> spring(stdout.get(1));
          case "flood" -> () -> flood(stdout.get(1), control.get(1));
          default -> () -> kept.addAll(List.of(stdin.get(1), stdout.get(1)));
        };
    daemon(process);
    return exec;
  }

  private static int number(List<LocalSocket> pair) {
    return pair.get(0).release();
  }

  private static void daemon(Runnable work) {
    Thread _ = Thread.ofPlatform().daemon().start(work);
  }

  private static void cat(LocalSocket stdin, LocalSocket stdout, LocalSocket control) {
    byte[] one = new byte[1];
    try {
      while (true) {
        stdin.receive(one, new ArrayList<>());
        stdout.send(one);
      }
    } catch (LinuxException _) {
      // its end
    }
    control.send(FakeDirectExecs.exited(3));
  }

  private void spring(LocalSocket stdout) {
    byte[] chunk = new byte[CHUNK];
    try {
      while (true) {
        stdout.send(chunk);
        flooded.incrementAndGet();
      }
    } catch (LinuxException _) {
      // nobody reads any more
    }
  }

  private void flood(LocalSocket stdout, LocalSocket control) {
    byte[] chunk = new byte[CHUNK];
    try {
      while (flooded.get() < FLOOD_CHUNKS) {
        stdout.send(chunk);
        flooded.incrementAndGet();
      }
      stdout.close();
      control.send(FakeDirectExecs.exited(0));
    } catch (LinuxException _) {
      // nobody reads any more
    }
  }

  /** Reads sizes until the connection is closed, upon which a shim kills the process. */
  private void shim(LocalSocket control) {
    byte[] frame = new byte[16];
    try {
      while (true) {
        control.receive(frame, new ArrayList<>());
        ByteBuffer bytes = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
        sizes.add(bytes.getInt(8) + "x" + bytes.getInt(12));
      }
    } catch (LinuxException _) {
      closed.countDown();
    }
  }

  @Override
  public ExecSession attach(StreamRequest.Attach request) {
    return new Session();
  }

  @Override
  public SocketChannel dial(String sandbox, int port) throws IOException {
    return SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  private final class Session implements ExecSession {
    private final LinkedBlockingQueue<ExecEvent> events = new LinkedBlockingQueue<>();

    Session() {
      events.add(new ExecEvent.Stderr(ByteBuffer.wrap("started".getBytes(StandardCharsets.UTF_8))));
    }

    @Override
    public int pid() {
      return 1;
    }

    @Override
    public ExecEvent next() {
      try {
        ExecEvent event = events.take();
        if (event instanceof ExecEvent.Exited(int code, _, _, _) && code < 0) {
          throw new ShimException.Gone("closed", null);
        }
        return event;
      } catch (InterruptedException e) {
        throw new ShimException.Gone("interrupted", e);
      }
    }

    @Override
    public void stdin(ByteBuffer bytes) {
      events.add(new ExecEvent.Stdout(bytes));
    }

    @Override
    public void closeStdin() {
      events.add(new ExecEvent.Exited(3, false, false, false));
    }

    @Override
    public void resize(int rows, int cols) {
      sizes.add(rows + "x" + cols);
    }

    @Override
    public void close() {
      events.add(new ExecEvent.Exited(-1, false, false, false));
      closed.countDown();
    }
  }
}
