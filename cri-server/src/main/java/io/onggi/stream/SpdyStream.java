package io.onggi.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyWindowUpdateFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyHeaders;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** One stream of a SPDY connection, opened by the client. */
final class SpdyStream {
  /** Half of a SPDY/3 initial window: a client that keeps to it never runs dry. */
  private static final int WINDOW_STEP = 32 << 10;

  /** Stream id; flags in 8 bits, none of them; length in 24. */
  private static final int DATA_HEADER = 8;

  private final int id;
  private final SpdyHeaders headers;
  private final Link link;
  private final Inbox inbox;
  private final AtomicInteger unannounced = new AtomicInteger();
  private final AtomicBoolean finished = new AtomicBoolean();
  private volatile boolean abandoned;

  SpdyStream(int id, SpdyHeaders headers, Link link) {
    this.id = id;
    this.headers = headers;
    this.link = link;
    this.inbox = new Inbox(link.intake(), this::announce);
  }

  int id() {
    return id;
  }

  /** A header's value; empty when it was not sent. */
  String header(String name) {
    String value = headers.getAsString(name.toLowerCase(Locale.ROOT));
    return value == null ? "" : value;
  }

  Inbox inbox() {
    return inbox;
  }

  /** Parks while the client is slow; nothing after {@link #finish}. */
  void write(ByteBuffer bytes) throws IOException {
    if (!finished.get()) {
      link.write(new DefaultSpdyDataFrame(id, Unpooled.wrappedBuffer(bytes)));
    }
  }

  /**
   * Sends without waiting, on the event loop.
   *
   * @param bytes with place for a header before them; taken over
   */
  ChannelFuture push(ByteBuf bytes) {
    if (finished.get()) {
      boolean _ = bytes.release();
      return link.done();
    }
    int length = bytes.readableBytes();
    int at = bytes.readerIndex() - DATA_HEADER;
    bytes.setInt(at, id).setInt(at + 4, length).readerIndex(at);
    return link.push(bytes);
  }

  /** A few last words. */
  void say(String words) {
    if (!finished.get()) {
      link.post(new DefaultSpdyDataFrame(id, Unpooled.copiedBuffer(words, StandardCharsets.UTF_8)));
    }
  }

  /** Ends our half; idempotent. */
  void finish() {
    if (finished.compareAndSet(false, true)) {
      SpdyDataFrame end = new DefaultSpdyDataFrame(id);
      end.setLast(true);
      link.post(end);
    }
  }

  /** The client has reset it: nothing may be sent any more. */
  void abandon() {
    abandoned = true;
    finished.set(true);
    inbox.discard();
    inbox.end();
  }

  boolean isAbandoned() {
    return abandoned;
  }

  /** Flow control towards the client; most of them ignore it. */
  private void announce(int bytes) {
    int open = unannounced.addAndGet(bytes);
    if (open >= WINDOW_STEP && unannounced.compareAndSet(open, 0)) {
      link.postLater(new DefaultSpdyWindowUpdateFrame(id, open));
      link.post(new DefaultSpdyWindowUpdateFrame(0, open));
    }
  }
}
