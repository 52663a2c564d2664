package io.onggi.stream;

import io.onggi.launch.ExecEvent;
import io.onggi.launch.ExecSession;
import io.onggi.launch.ShimException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Commands by name: {@code cat} echoes stdin and exits 3 at its end, {@code flood} writes without
 * end until {@link #FLOOD_CHUNKS}, {@code sleep} waits to be closed. Ports are the node's own.
 */
final class FakeTargets implements StreamTargets {
  static final int CHUNK = 32 << 10;
  static final int FLOOD_CHUNKS = 2048;

  final AtomicInteger flooded = new AtomicInteger();
  final CountDownLatch closed = new CountDownLatch(1);
  final LinkedBlockingQueue<String> sizes = new LinkedBlockingQueue<>();

  @Override
  public StreamRequest check(StreamRequest request) {
    return request;
  }

  @Override
  public ExecSession exec(StreamRequest.Exec request) {
    return new Session(request.command().getFirst());
  }

  @Override
  public ExecSession attach(StreamRequest.Attach request) {
    return new Session("cat");
  }

  @Override
  public SocketChannel dial(String sandbox, int port) throws IOException {
    return SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  private final class Session implements ExecSession {
    private final String command;
    private final LinkedBlockingQueue<ExecEvent> events = new LinkedBlockingQueue<>();

    Session(String command) {
      this.command = command;
      events.add(
          new ExecEvent.Stderr(
              ByteBuffer.wrap("started".getBytes(java.nio.charset.StandardCharsets.UTF_8))));
    }

    @Override
    public int pid() {
      return 1;
    }

    @Override
    public ExecEvent next() {
      if (command.equals("flood")) {
        return flooded.get() == FLOOD_CHUNKS
            ? new ExecEvent.Exited(0, false, false, false)
            : flood();
      }
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

    private ExecEvent flood() {
      flooded.incrementAndGet();
      return new ExecEvent.Stdout(ByteBuffer.allocate(CHUNK));
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
