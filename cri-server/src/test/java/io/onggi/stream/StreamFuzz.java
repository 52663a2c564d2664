package io.onggi.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyVersion;
import io.onggi.launch.DirectExec;
import io.onggi.launch.ExecSession;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The fuzz target of the streaming server: the first byte chooses the conversation (SPDY exec, SPDY
 * and tunnelled port-forward, WebSocket v5 and base64, bare HTTP), the rest is what the client
 * sends in it. Holds that nothing is thrown out of the handlers, that little memory is kept and
 * that what is kept is given back at the end.
 */
public final class StreamFuzz {
  static final int SPDY = 0;
  static final int FORWARD = 1;
  static final int TUNNEL = 2;
  static final int V5 = 3;
  static final int BASE64 = 4;
  private static final int HTTP = 5;
  private static final int KINDS = 6;

  private static final StreamRequest EXEC =
      new StreamRequest.Exec("c", List.of("x"), new StreamSet(false, true, true, true));
  private static final StreamRequest PORTS = new StreamRequest.PortForward("p", List.of());

  /** No session ever begins: what comes after that is not for decoders. */
  private static final class Nothing implements StreamTargets {
    @Override
    public StreamRequest check(StreamRequest request) {
      return request;
    }

    @Override
    public DirectExec exec(StreamRequest.Exec request) {
      throw new IllegalStateException("nothing runs here");
    }

    @Override
    public ExecSession attach(StreamRequest.Attach request) {
      throw new IllegalStateException("nothing runs here");
    }

    @Override
    public SocketChannel dial(String sandbox, int port) throws IOException {
      throw new IOException("nothing listens here");
    }

    /** An embedded channel belongs to one thread; without a listener nothing blocks. */
    @Override
    public void start(Runnable connection) {
      connection.run();
    }
  }

  private StreamFuzz() {}

  /** Jazzer's entry. */
  public static void fuzzerTestOneInput(byte[] input) {
    run(input);
  }

  static void run(byte[] input) {
    if (input.length > 0) {
      boolean _ = closes(input[0] & 0xff, java.util.Arrays.copyOfRange(input, 1, input.length));
    }
  }

  /** Whether the connection is closed after {@code bytes} came. */
  static boolean closes(int kind, byte[] bytes) {
    StreamMemory memory;
    boolean closed;
    try (OneConnection connection = new OneConnection(new Nothing())) {
      memory = connection.memory;
      upgrade(connection, kind % KINDS);
      int half = bytes.length / 2;
      connection.receive(java.util.Arrays.copyOf(bytes, half));
      connection.receive(java.util.Arrays.copyOfRange(bytes, half, bytes.length));
      closed = !connection.isOpen();
      if (memory.held() > bytes.length) {
        throw new AssertionError(memory.held() + " bytes are held of " + bytes.length);
      }
    }
    return closed;
  }

  private static void upgrade(OneConnection connection, int kind) {
    String socket = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
    switch (kind) {
      case SPDY ->
          connection.receive(
              connection.upgrade(EXEC, "SPDY/3.1", "X-Stream-Protocol-Version: v4.channel.k8s.io"));
      case FORWARD ->
          connection.receive(
              connection.upgrade(
                  PORTS, "SPDY/3.1", "X-Stream-Protocol-Version: portforward.k8s.io"));
      case TUNNEL ->
          connection.receive(
              connection.upgrade(
                  PORTS,
                  "websocket",
                  socket + "Sec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io"));
      case V5, BASE64 -> {
        String protocol = kind == V5 ? "v5.channel.k8s.io" : "v4.base64.channel.k8s.io";
        connection.receive(
            connection.upgrade(EXEC, "websocket", socket + "Sec-WebSocket-Protocol: " + protocol));
      }
      default -> {
        // bare HTTP: all of the input is the client's
      }
    }
  }

  /** Valid conversations, to begin with. */
  static List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    seeds.add(seed(SPDY, spdy("error", "stdin", "stdout", "stderr")));
    seeds.add(seed(FORWARD, spdy("error", "data")));
    byte[] spdy = spdy("error", "data");
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    frames.writeBytes(new byte[] {(byte) 0x82, (byte) (0x80 | 126)});
    frames.writeBytes(new byte[] {(byte) (spdy.length >> 8), (byte) spdy.length, 0, 0, 0, 0});
    frames.writeBytes(spdy);
    seeds.add(seed(TUNNEL, frames.toByteArray()));
    byte[] stdin = {(byte) 0x82, (byte) 0x83, 0, 0, 0, 0, 0, 'h', 'i'};
    byte[] rest = {(byte) 0x02, (byte) 0x81, 0, 0, 0, 0, 0, (byte) 0x80, (byte) 0x80, 0, 0, 0, 0};
    byte[] end = {(byte) 0x82, (byte) 0x82, 0, 0, 0, 0, (byte) 0xff, 0};
    ByteArrayOutputStream v5 = new ByteArrayOutputStream();
    v5.writeBytes(stdin);
    v5.writeBytes(rest);
    v5.writeBytes(end);
    seeds.add(seed(V5, v5.toByteArray()));
    seeds.add(
        seed(BASE64, new byte[] {(byte) 0x81, (byte) 0x85, 0, 0, 0, 0, '0', 'a', 'G', 'k', '='}));
    seeds.add(
        seed(
            HTTP,
            "GET /exec/abc?x=y HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
                .getBytes(StandardCharsets.US_ASCII)));
    return seeds;
  }

  private static byte[] seed(int kind, byte[] bytes) {
    byte[] whole = new byte[bytes.length + 1];
    whole[0] = (byte) kind;
    System.arraycopy(bytes, 0, whole, 1, bytes.length);
    return whole;
  }

  private static byte[] spdy(String... types) {
    EmbeddedChannel codec = new EmbeddedChannel(new SpdyFrameCodec(SpdyVersion.SPDY_3_1));
    int id = 1;
    for (String type : types) {
      var syn = new DefaultSpdySynStreamFrame(id, 0, (byte) 0);
      syn.headers().set("streamtype", type).set("port", "80").set("requestid", "0");
      codec.writeOutbound(syn);
      codec.writeOutbound(new DefaultSpdyDataFrame(id, Unpooled.wrappedBuffer(new byte[9])));
      id += 2;
    }
    codec.writeOutbound(new DefaultSpdyPingFrame(1), new DefaultSpdyRstStreamFrame(1, 5));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ByteBuf next = codec.readOutbound();
    while (next != null) {
      byte[] copy = new byte[next.readableBytes()];
      next.readBytes(copy);
      bytes.writeBytes(copy);
      boolean _ = next.release();
      next = codec.readOutbound();
    }
    codec.finishAndReleaseAll();
    return bytes.toByteArray();
  }
}
