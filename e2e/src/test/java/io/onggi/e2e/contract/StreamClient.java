package io.onggi.e2e.contract;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * An exec or attach over WebSocket, v5.channel.k8s.io: the first byte of a message is its channel.
 */
final class StreamClient implements AutoCloseable {
  private static final int STDIN = 0;
  private static final int STDOUT = 1;
  private static final int STDERR = 2;
  private static final int ERROR = 3;
  private static final int RESIZE = 4;
  private static final int HALF_CLOSE = 255;
  private static final int CHANNELS = 5;

  private final HttpClient http = HttpClient.newHttpClient();
  private final Messages messages;
  private final WebSocket socket;

  private StreamClient(String url, boolean reading) {
    messages = new Messages(reading);
    try {
      socket =
          http.newWebSocketBuilder()
              .subprotocols("v5.channel.k8s.io")
              .buildAsync(URI.create(url.replaceFirst("^http", "ws")), messages)
              .get(60, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException | InterruptedException e) {
      throw new AssertionError(url, e);
    }
  }

  static StreamClient open(String url) {
    return new StreamClient(url, true);
  }

  /** A client that reads nothing before {@link #read}. */
  static StreamClient deaf(String url) {
    return new StreamClient(url, false);
  }

  /** Reads all from now on. */
  void read() {
    messages.read(socket);
  }

  private void send(int channel, byte[] bytes) {
    ByteBuffer message = ByteBuffer.allocate(1 + bytes.length).put((byte) channel).put(bytes);
    try {
      socket.sendBinary(message.flip(), true).get(60, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  void stdin(String text) {
    send(STDIN, text.getBytes(StandardCharsets.UTF_8));
  }

  void endStdin() {
    send(HALF_CLOSE, new byte[] {STDIN});
  }

  void resize(int rows, int columns) {
    String size = String.format(Locale.ROOT, "{\"Width\":%d,\"Height\":%d}\n", columns, rows);
    send(RESIZE, size.getBytes(StandardCharsets.UTF_8));
  }

  String stdout() {
    return messages.text(STDOUT);
  }

  String stderr() {
    return messages.text(STDERR);
  }

  /** How many bytes came on stdout; cheaper than {@link #stdout}. */
  int stdoutLength() {
    return messages.length(STDOUT);
  }

  void awaitStdout(String part) {
    Await.until(
        () -> "no \"" + part + "\" in \"" + stdout() + "\", status " + messages.text(ERROR),
        () -> stdout().contains(part));
  }

  /** The status, once the server has closed the connection. */
  String awaitEnd() {
    Await.until(() -> "open still, stdout \"" + stdout() + "\"", messages::closed);
    return messages.text(ERROR);
  }

  /** Goes away without a word. */
  @Override
  public void close() {
    socket.abort();
    http.close();
  }

  /** Keeps what comes, by channel. */
  private static final class Messages implements WebSocket.Listener {
    private final ByteArrayOutputStream[] channels = new ByteArrayOutputStream[CHANNELS];
    private boolean reading;
    private boolean closed;
    private int channel = -1;

    Messages(boolean reading) {
      this.reading = reading;
      for (int i = 0; i < CHANNELS; i++) {
        channels[i] = new ByteArrayOutputStream();
      }
    }

    synchronized String text(int of) {
      return channels[of].toString(StandardCharsets.UTF_8);
    }

    synchronized int length(int of) {
      return channels[of].size();
    }

    synchronized boolean closed() {
      return closed;
    }

    synchronized void read(WebSocket socket) {
      if (!reading) {
        reading = true;
        socket.request(Long.MAX_VALUE);
      }
    }

    @Override
    public synchronized void onOpen(WebSocket socket) {
      if (reading) {
        socket.request(Long.MAX_VALUE);
      }
    }

    @Override
    public synchronized @Nullable CompletionStage<?> onBinary(
        WebSocket socket, ByteBuffer data, boolean last) {
      if (channel < 0 && data.hasRemaining()) {
        channel = data.get() & 0xff;
      }
      byte[] bytes = new byte[data.remaining()];
      data.get(bytes);
      if (channel >= 0 && channel < CHANNELS) {
        channels[channel].writeBytes(bytes);
      }
      channel = last ? -1 : channel;
      return null;
    }

    @Override
    public synchronized @Nullable CompletionStage<?> onClose(
        WebSocket socket, int code, String reason) {
      closed = true;
      return null;
    }

    @Override
    public synchronized void onError(WebSocket socket, Throwable error) {
      closed = true;
    }
  }
}
