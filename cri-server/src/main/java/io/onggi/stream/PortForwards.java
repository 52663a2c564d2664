package io.onggi.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The forwarded connections of one client: a data and an error stream each, joined by their
 * requestID. One that breaks says so on its error stream and ends alone.
 */
final class PortForwards implements SpdyConnection.Owner {
  private static final int CHUNK = 32 << 10;
  private static final int MAX_PORT = 65535;

  /** Half or all of a connection's streams. */
  private static final class Pair {
    private @Nullable SpdyStream data;
    private @Nullable SpdyStream error;
  }

  private final String sandbox;
  private final StreamTargets targets;
  private final Link link;
  private final Consumer<Runnable> afterCreation;
  private final Map<String, Pair> incomplete = new HashMap<>();
  private Consumer<SpdyStream> forget = _ -> {};

  /**
   * @param afterCreation runs its argument when the time to open a pair is over
   */
  PortForwards(String sandbox, StreamTargets targets, Link link, Consumer<Runnable> afterCreation) {
    this.sandbox = sandbox;
    this.targets = targets;
    this.link = link;
    this.afterCreation = afterCreation;
  }

  void forgetting(Consumer<SpdyStream> how) {
    forget = how;
  }

  @Override
  public boolean opened(SpdyStream stream) {
    String type = stream.header("streamType");
    boolean data = type.equals("data");
    if ((!data && !type.equals("error")) || port(stream) == 0) {
      return false;
    }
    String key = key(stream, data);
    Pair pair = incomplete.computeIfAbsent(key, this::newPair);
    if ((data ? pair.data : pair.error) != null) {
      return false;
    }
    if (data) {
      pair.data = stream;
    } else {
      pair.error = stream;
    }
    SpdyStream dataStream = pair.data;
    SpdyStream errorStream = pair.error;
    if (dataStream != null && errorStream != null) {
      incomplete.remove(key);
      targets.start(() -> forward(dataStream, errorStream));
    }
    return true;
  }

  /** Clients before requestID open the error stream first and the data stream right after it. */
  private static String key(SpdyStream stream, boolean data) {
    String request = stream.header("requestID");
    return request.isEmpty() ? "stream " + (data ? stream.id() - 2 : stream.id()) : request;
  }

  private Pair newPair(String key) {
    Pair pair = new Pair();
    afterCreation.accept(() -> giveUp(key, pair));
    return pair;
  }

  private void giveUp(String key, Pair pair) {
    if (incomplete.remove(key, pair)) {
      for (SpdyStream half : new SpdyStream[] {pair.data, pair.error}) {
        if (half != null) {
          half.inbox().discard();
          end(half);
        }
      }
    }
  }

  private static int port(SpdyStream stream) {
    try {
      int port = Integer.parseInt(stream.header("port"));
      return port >= 1 && port <= MAX_PORT ? port : 0;
    } catch (NumberFormatException _) {
      return 0;
    }
  }

  private void forward(SpdyStream data, SpdyStream error) {
    int port = port(data);
    try (SocketChannel pod = targets.dial(sandbox, port)) {
      link.onGone(() -> close(pod));
      Thread sender = Thread.ofVirtual().name("stream").start(() -> send(data, pod));
      receive(pod, data);
      data.finish();
      error.finish();
      // The pod may still want what the client sends after the pod's last word.
      sender.join();
    } catch (IOException | RuntimeException e) {
      tell(error, "forwarding to port " + port + " of pod sandbox " + sandbox + ": " + words(e));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      data.inbox().discard();
      end(error);
      end(data);
    }
  }

  private static String words(Exception e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  /** Client to pod; its end is passed on as a half-close. */
  private static void send(SpdyStream data, SocketChannel pod) {
    try {
      Optional<ByteBuffer> bytes = data.inbox().take();
      while (bytes.isPresent()) {
        while (bytes.get().hasRemaining()) {
          pod.write(bytes.get());
        }
        bytes = data.inbox().take();
      }
      if (data.isAbandoned()) {
        pod.close();
      } else {
        pod.shutdownOutput();
      }
    } catch (IOException _) {
      // The pod reads no more; what it still says goes on.
      data.inbox().discard();
    }
  }

  private static void receive(SocketChannel pod, SpdyStream data) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    while (pod.read(chunk) >= 0) {
      chunk.flip();
      byte[] copy = new byte[chunk.remaining()];
      chunk.get(copy);
      data.write(ByteBuffer.wrap(copy));
      chunk.clear();
    }
  }

  private static void tell(SpdyStream error, String message) {
    try {
      error.write(ByteBuffer.wrap(message.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException _) {
      // The client has gone.
    }
  }

  private void end(SpdyStream stream) {
    stream.finish();
    forget.accept(stream);
  }

  private static void close(SocketChannel pod) {
    try {
      pod.close();
    } catch (IOException _) {
      // It is closed all the same.
    }
  }
}
