package io.onggi.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.error.CriException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StreamsTest {
  private static final String V4 = "v4.channel.k8s.io";
  private static final StreamSet ALL = new StreamSet(false, true, true, true);
  private static final String EXIT_3 =
      "{\"metadata\":{},\"status\":\"Failure\",\"message\":\"command terminated with exit code 3\","
          + "\"reason\":\"NonZeroExitCode\",\"details\":{\"causes\":[{\"reason\":\"ExitCode\","
          + "\"message\":\"3\"}]}}";

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private final FakeTargets targets = new FakeTargets();
  private final Streams streams =
      Streams.start(
          targets,
          new StreamLimits(
              Duration.ofMinutes(1),
              Duration.ofSeconds(10),
              Duration.ofMinutes(1),
              Duration.ofSeconds(1),
              3,
              3),
          now::get);

  @AfterEach
  void stop() {
    streams.close();
  }

  private String exec(StreamSet set, String command) {
    return streams.url(new StreamRequest.Exec("c1", List.of(command), set));
  }

  @Test
  void spdy_carries_stdin_stdout_stderr_half_close_and_the_exit_code() throws IOException {
    try (SpdyTestClient client =
        new SpdyTestClient(exec(ALL, "cat"), "v5.channel.k8s.io", V4, "channel.k8s.io")) {
      assertTrue(client.head().startsWith("HTTP/1.1 101"), client.head());
      assertTrue(client.head().toLowerCase(java.util.Locale.ROOT).contains(V4), client.head());
      int error = client.open("streamType", "error");
      int stdin = client.open("streamType", "stdin");
      int stdout = client.open("streamType", "stdout");
      int stderr = client.open("streamType", "stderr");
      client.write(stdin, "hello ", false);
      client.write(stdin, "there", true);
      assertEquals("hello there", client.readText(stdout));
      assertEquals("started", client.readText(stderr));
      assertEquals(EXIT_3, client.readText(error));
    }
  }

  @Test
  void attach_carries_the_same_over_frames() throws IOException {
    String url = streams.url(new StreamRequest.Attach("c1", ALL));
    try (SpdyTestClient client = new SpdyTestClient(url, V4)) {
      int error = client.open("streamType", "error");
      int stdin = client.open("streamType", "stdin");
      int stdout = client.open("streamType", "stdout");
      int stderr = client.open("streamType", "stderr");
      client.write(stdin, "hello", true);
      assertEquals("hello", client.readText(stdout));
      assertEquals("started", client.readText(stderr));
      assertEquals(EXIT_3, client.readText(error));
    }
  }

  @Test
  void spdy_passes_terminal_sizes_on() throws Exception {
    try (SpdyTestClient client =
        new SpdyTestClient(exec(new StreamSet(true, true, true, false), "cat"), V4)) {
      client.open("streamType", "error");
      int stdin = client.open("streamType", "stdin");
      int stdout = client.open("streamType", "stdout");
      int resize = client.open("streamType", "resize");
      client.write(resize, "{\"Width\":80,\"Hei", false);
      client.write(resize, "ght\":24}\n", false);
      assertEquals("24x80", targets.sizes.poll(10, TimeUnit.SECONDS));
      client.write(stdin, "x", true);
      assertEquals("x", client.readText(stdout));
    }
  }

  @Test
  void websocket_v5_carries_streams_and_stdin_ends_by_a_half_close() throws Exception {
    Messages messages = new Messages();
    try (HttpClient http = HttpClient.newHttpClient()) {
      WebSocket socket =
          http.newWebSocketBuilder()
              .subprotocols("v5.channel.k8s.io", V4)
              .buildAsync(URI.create(exec(ALL, "cat").replace("http:", "ws:")), messages)
              .get(10, TimeUnit.SECONDS);
      assertEquals("v5.channel.k8s.io", socket.getSubprotocol());
      socket.sendBinary(ByteBuffer.wrap(new byte[] {0, 'h'}), false).get();
      socket.sendBinary(ByteBuffer.wrap(new byte[] {'i'}), true).get();
      socket.sendBinary(ByteBuffer.wrap(new byte[] {(byte) 255, 0}), true).get();
      assertEquals(1000, messages.closed.get(10, TimeUnit.SECONDS));
    }
    assertEquals("hi", messages.text(1));
    assertEquals("started", messages.text(2));
    assertEquals(EXIT_3, messages.text(3));
  }

  @Test
  void a_client_that_does_not_read_stops_the_command_and_loses_nothing() throws Exception {
    try (SpdyTestClient client =
        new SpdyTestClient(exec(new StreamSet(false, false, true, false), "flood"), V4)) {
      int error = client.open("streamType", "error");
      int stdout = client.open("streamType", "stdout");
      assertFalse(targets.closed.await(2, TimeUnit.SECONDS), "the command ended unread");
      // What both kernels' socket buffers hold, and 64 KiB of ours.
      assertTrue(
          targets.flooded.get() < FakeTargets.FLOOD_CHUNKS / 4, "chunks: " + targets.flooded);
      assertEquals(FakeTargets.FLOOD_CHUNKS * FakeTargets.CHUNK, client.readAll(stdout).length);
      assertEquals("{\"metadata\":{},\"status\":\"Success\"}", client.readText(error));
    }
  }

  @Test
  void a_client_that_vanishes_ends_its_command() throws Exception {
    try (SpdyTestClient client =
        new SpdyTestClient(exec(new StreamSet(false, false, true, false), "sleep"), V4)) {
      client.open("streamType", "error");
      client.open("streamType", "stdout");
    }
    assertTrue(targets.closed.await(10, TimeUnit.SECONDS), "the session is still open");
  }

  @Test
  void a_forwarded_connection_that_fails_ends_alone() throws Exception {
    try (ServerSocket echo = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        SpdyTestClient client =
            new SpdyTestClient(
                streams.url(new StreamRequest.PortForward("p1", List.of())),
                "portforward.k8s.io")) {
      Thread server = Thread.ofVirtual().start(() -> echoOnce(echo));
      String port = Integer.toString(echo.getLocalPort());
      int error = client.open("streamType", "error", "port", port, "requestID", "0");
      int data = client.open("streamType", "data", "port", port, "requestID", "0");
      int badError = client.open("streamType", "error", "port", "1", "requestID", "1");
      int badData = client.open("streamType", "data", "port", "1", "requestID", "1");
      String refusal = client.readText(badError);
      assertTrue(refusal.startsWith("forwarding to port 1 of pod sandbox p1: "), refusal);
      assertEquals("", client.readText(badData));
      client.write(data, "ping", true);
      assertEquals("ping", client.readText(data));
      assertEquals("", client.readText(error));
      server.join();
    }
  }

  private static void echoOnce(ServerSocket listener) {
    try (Socket socket = listener.accept()) {
      socket.getOutputStream().write(socket.getInputStream().readAllBytes());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void a_url_works_once_for_its_own_verb_and_for_a_minute() throws IOException {
    String url = exec(ALL, "cat");
    assertEquals("404", status(url.replace("/exec/", "/attach/")));
    assertEquals("101", status(url));
    assertEquals("404", status(url));
    String old = exec(ALL, "cat");
    now.set(Instant.EPOCH.plusSeconds(60));
    assertEquals("404", status(old));
  }

  private static String status(String url) throws IOException {
    try (SpdyTestClient client = new SpdyTestClient(url, V4)) {
      return client.head().split(" ")[1];
    }
  }

  @Test
  void urls_and_sessions_are_bounded() throws IOException {
    String first = exec(ALL, "cat");
    String second = exec(ALL, "cat");
    String third = exec(ALL, "cat");
    CriException.ResourceExhausted full =
        assertThrows(CriException.ResourceExhausted.class, () -> exec(ALL, "cat"));
    assertTrue(full.toString().contains("3 streaming URLs"), full.toString());
    try (SpdyTestClient _ = new SpdyTestClient(first, V4);
        SpdyTestClient _ = new SpdyTestClient(second, V4);
        SpdyTestClient _ = new SpdyTestClient(third, V4);
        SpdyTestClient refused = new SpdyTestClient(exec(ALL, "cat"), V4)) {
      assertTrue(refused.head().startsWith("HTTP/1.1 429"), refused.head());
      assertTrue(
          refused.head().toLowerCase(java.util.Locale.ROOT).contains("retry-after: 5"),
          refused.head());
    }
  }

  @Test
  void what_can_never_work_is_refused_with_the_reason() {
    assertRefused("tty and stderr", () -> exec(new StreamSet(true, true, true, true), "cat"));
    assertRefused("none of stdin", () -> exec(new StreamSet(false, false, false, false), "cat"));
    assertRefused("container_id is empty", () -> new StreamRequest.Attach("", ALL));
    assertRefused("cmd is empty", () -> new StreamRequest.Exec("c1", List.of(), ALL));
    assertRefused("port 0", () -> new StreamRequest.PortForward("p1", List.of(0)));
  }

  private static void assertRefused(String why, org.junit.jupiter.api.function.Executable call) {
    String message = assertThrows(CriException.InvalidArgument.class, call).toString();
    assertTrue(message.contains(why), message);
  }

  /** What came on each channel. */
  private static final class Messages implements WebSocket.Listener {
    final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final StringBuilder[] channels = new StringBuilder[256];
    private int channel = -1;

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      if (channel < 0) {
        channel = data.get() & 0xff;
      }
      if (channels[channel] == null) {
        channels[channel] = new StringBuilder();
      }
      channels[channel].append(StandardCharsets.UTF_8.decode(data));
      if (last) {
        channel = -1;
      }
      socket.request(1);
      return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      closed.complete(code);
      return CompletableFuture.completedStage(null);
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      closed.completeExceptionally(error);
    }

    String text(int which) {
      return channels[which] == null ? "" : channels[which].toString();
    }
  }
}
