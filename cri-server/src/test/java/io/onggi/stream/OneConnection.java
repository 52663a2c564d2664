package io.onggi.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * The server's pipeline for one connection, without a socket and with a clock that a test moves.
 */
final class OneConnection implements AutoCloseable {
  final StreamMemory memory = new StreamMemory(new UnpooledByteBufAllocator(true));
  private final Tokens tokens = new Tokens(() -> Instant.EPOCH, Duration.ofMinutes(1), 10);
  private final EmbeddedChannel channel = new EmbeddedChannel();

  OneConnection(StreamTargets targets) {
    StreamLimits limits = StreamLimits.defaults();
    channel.freezeTime();
    StreamServer.wire(
        channel.pipeline(),
        limits,
        new HttpEntry(tokens, new Sessions(limits.sessions()), targets, limits, memory));
  }

  /** The head of a request that upgrades, with a token that is good for it. */
  byte[] upgrade(StreamRequest request, String protocol, String... headers) {
    StringBuilder head = new StringBuilder();
    head.append("GET /").append(request.verb()).append('/').append(tokens.put(request));
    head.append(" HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: ").append(protocol);
    for (String header : headers) {
      head.append("\r\n").append(header);
    }
    return head.append("\r\n\r\n").toString().getBytes(StandardCharsets.US_ASCII);
  }

  /** Fails when anything but a complaint about malformed bytes, which closes, is left unhandled. */
  void receive(byte[] bytes) {
    try {
      if (channel.isActive()) {
        channel.writeInbound(Unpooled.wrappedBuffer(bytes));
      }
      channel.checkException();
    } catch (DecoderException e) {
      // From a decoder that looks at the rest of the bytes while the closed pipeline is taken down.
      if (channel.isOpen()) {
        throw e;
      }
    }
  }

  /** Lets time pass, and what is due happen. */
  void pass(Duration time) {
    channel.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
    channel.runScheduledPendingTasks();
    channel.runPendingTasks();
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  /** Everything that was sent since the last time, as text. */
  String sent() {
    StringBuilder text = new StringBuilder();
    ByteBuf bytes = channel.readOutbound();
    while (bytes != null) {
      text.append(bytes.toString(StandardCharsets.ISO_8859_1));
      boolean _ = bytes.release();
      bytes = channel.readOutbound();
    }
    return text.toString();
  }

  @Override
  public void close() {
    channel.finishAndReleaseAll();
    memory.close();
  }
}
