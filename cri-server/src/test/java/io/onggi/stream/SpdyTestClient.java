package io.onggi.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** A blocking SPDY/3.1 client that, as Go's, never sends WINDOW_UPDATE. */
final class SpdyTestClient implements AutoCloseable {
  private final Socket socket;
  private final EmbeddedChannel codec =
      new EmbeddedChannel(new SpdyFrameCodec(SpdyVersion.SPDY_3_1));
  private final Map<Integer, ByteArrayOutputStream> received = new HashMap<>();
  private final Set<Integer> ended = new HashSet<>();
  private final String head;
  private int nextId = 1;

  SpdyTestClient(String url, String... protocols) throws IOException {
    URI uri = URI.create(url);
    socket = new Socket(uri.getHost(), uri.getPort());
    socket.setSoTimeout(20_000);
    StringBuilder request = new StringBuilder("POST " + uri.getPath() + " HTTP/1.1\r\nHost: h\r\n");
    request.append("Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\n");
    for (String protocol : protocols) {
      request.append("X-Stream-Protocol-Version: ").append(protocol).append("\r\n");
    }
    socket
        .getOutputStream()
        .write(request.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
    head = readHead(socket.getInputStream());
  }

  private static String readHead(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int c = in.read();
      if (c < 0) {
        break;
      }
      head.append((char) c);
    }
    return head.toString();
  }

  /** Status line and headers of the answer. */
  String head() {
    return head;
  }

  /** Opens a stream with headers: name, value, name, value. */
  int open(String... headers) throws IOException {
    int id = nextId;
    nextId += 2;
    var syn = new DefaultSpdySynStreamFrame(id, 0, (byte) 0);
    for (int i = 0; i < headers.length; i += 2) {
      syn.headers().set(headers[i].toLowerCase(java.util.Locale.ROOT), headers[i + 1]);
    }
    send(syn);
    return id;
  }

  void write(int id, String text, boolean last) throws IOException {
    var data = new DefaultSpdyDataFrame(id, Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
    data.setLast(last);
    send(data);
  }

  void write(int id, byte[] bytes) throws IOException {
    send(new DefaultSpdyDataFrame(id, Unpooled.wrappedBuffer(bytes)));
  }

  private void send(Object frame) throws IOException {
    codec.writeOutbound(frame);
    ByteBuf bytes = codec.readOutbound();
    while (bytes != null) {
      byte[] copy = new byte[bytes.readableBytes()];
      bytes.readBytes(copy);
      bytes.release();
      socket.getOutputStream().write(copy);
      bytes = codec.readOutbound();
    }
  }

  /** Everything that came on the stream, after its end. */
  byte[] readAll(int id) throws IOException {
    while (!ended.contains(id)) {
      readSome();
    }
    return received.getOrDefault(id, new ByteArrayOutputStream()).toByteArray();
  }

  /** Waits until {@code count} bytes have come on the stream, which goes on. */
  String readText(int id, int count) throws IOException {
    ByteArrayOutputStream bytes = received.computeIfAbsent(id, _ -> new ByteArrayOutputStream());
    while (bytes.size() < count) {
      readSome();
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** Reads whatever comes next, up to 64 KiB of the connection. */
  void readOnce() throws IOException {
    readSome();
  }

  String readText(int id) throws IOException {
    return new String(readAll(id), StandardCharsets.UTF_8);
  }

  private void readSome() throws IOException {
    byte[] chunk = new byte[64 << 10];
    int length = socket.getInputStream().read(chunk);
    if (length < 0) {
      throw new IOException("the server closed the connection before the streams' end");
    }
    codec.writeInbound(Unpooled.copiedBuffer(chunk, 0, length));
    Object frame = codec.readInbound();
    while (frame != null) {
      if (frame instanceof SpdyDataFrame data) {
        byte[] bytes = new byte[data.content().readableBytes()];
        data.content().readBytes(bytes);
        received
            .computeIfAbsent(data.streamId(), _ -> new ByteArrayOutputStream())
            .writeBytes(bytes);
        if (data.isLast()) {
          ended.add(data.streamId());
        }
        data.release();
      }
      frame = codec.readInbound();
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
    codec.finishAndReleaseAll();
  }
}
