package io.onggi.launch.testing;

import io.onggi.launch.AttachEvent;
import io.onggi.launch.AttachOptions;
import io.onggi.launch.AttachSession;
import io.onggi.launch.ShimException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * One attached to a {@link FakeShim}: gets what a test lets the container say, keeps what it is
 * sent.
 */
public final class FakeAttachSession implements AttachSession {
  private final int pid;
  private final AttachOptions options;
  private final boolean hasStdin;
  private final Queue<AttachEvent> events = new ArrayDeque<>();
  private final ByteArrayOutputStream input = new ByteArrayOutputStream();
  private String size = "";
  private boolean closed;

  FakeAttachSession(int pid, AttachOptions options, boolean hasStdin) {
    this.pid = pid;
    this.options = options;
    this.hasStdin = hasStdin;
  }

  public AttachOptions options() {
    return options;
  }

  /** The container, or its shim, says something. */
  public synchronized void tell(AttachEvent event) {
    events.add(event);
    notifyAll();
  }

  /** What came on stdin. */
  public synchronized String input() {
    return input.toString(StandardCharsets.UTF_8);
  }

  /** ROWSxCOLUMNS of the last resize, empty before one. */
  public synchronized String size() {
    return size;
  }

  @Override
  public int pid() {
    return pid;
  }

  @Override
  public boolean hasStdin() {
    return hasStdin;
  }

  @Override
  public synchronized AttachEvent next() {
    while (events.isEmpty() && !closed) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ShimException.Gone("interrupted while attached", e);
      }
    }
    AttachEvent event = events.poll();
    if (event == null) {
      throw new ShimException.Gone("the connection was closed on our side", null);
    }
    return event;
  }

  @Override
  public synchronized void stdin(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    input.writeBytes(copy);
  }

  @Override
  public void endStdin() {
    tell(new AttachEvent.Detached());
  }

  @Override
  public synchronized void resize(int rows, int cols) {
    size = rows + "x" + cols;
  }

  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }
}
