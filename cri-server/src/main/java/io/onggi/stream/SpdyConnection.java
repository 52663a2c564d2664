package io.onggi.stream;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdyStreamStatus;
import io.netty.handler.codec.spdy.SpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The stream table of a SPDY/3.1 connection over bare frames. Netty's own session handler is not
 * used: it enforces flow control, and Kubernetes' clients never send WINDOW_UPDATE.
 *
 * <p>All on the event loop, but for {@link #forget}.
 */
final class SpdyConnection extends ChannelInboundHandlerAdapter {
  private static final int MAX_STREAMS = 2048;

  /** Told of each new stream on the event loop; may not wait. */
  interface Owner {
    /**
     * @return false to refuse the stream
     */
    boolean opened(SpdyStream stream);
  }

  private final Link link;
  private final Owner owner;
  private final Map<Integer, SpdyStream> streams = new HashMap<>();
  private int lastId;

  SpdyConnection(Link link, Owner owner) {
    this.link = link;
    this.owner = owner;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      switch (message) {
        case SpdySynStreamFrame syn -> open(syn);
        case SpdyDataFrame data -> data(data);
        case SpdyRstStreamFrame reset -> reset(reset.streamId());
        // Even ids would be answers to pings of ours, and we send none.
        case SpdyPingFrame ping when ping.id() % 2 != 0 ->
            link.post(new DefaultSpdyPingFrame(ping.id()));
        default -> {
          // SETTINGS, WINDOW_UPDATE, HEADERS, GOAWAY: nothing of ours depends on them.
        }
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void open(SpdySynStreamFrame syn) {
    int id = syn.streamId();
    if (syn.isInvalid() || id % 2 == 0 || id <= lastId) {
      link.post(new DefaultSpdyRstStreamFrame(id, SpdyStreamStatus.PROTOCOL_ERROR));
      return;
    }
    lastId = id;
    SpdyStream stream = new SpdyStream(id, syn.headers(), link);
    if (count() >= MAX_STREAMS || !owner.opened(stream)) {
      link.post(new DefaultSpdyRstStreamFrame(id, SpdyStreamStatus.REFUSED_STREAM));
      return;
    }
    put(stream);
    SpdySynReplyFrame reply = new DefaultSpdySynReplyFrame(id);
    // Go's client waits for ever for a reply without any header.
    reply.headers().set("streamtype", stream.header("streamType"));
    link.post(reply);
    if (syn.isLast()) {
      stream.inbox().end();
    }
  }

  private void data(SpdyDataFrame data) {
    SpdyStream stream = get(data.streamId());
    if (stream == null) {
      return; // it ended here while the client was still sending
    }
    stream.inbox().put(data.content());
    if (data.isLast()) {
      stream.inbox().end();
    }
  }

  private void reset(int id) {
    SpdyStream stream = get(id);
    if (stream != null) {
      stream.abandon();
      forget(stream);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    synchronized (streams) {
      streams.values().forEach(SpdyStream::abandon);
      streams.clear();
    }
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    link.closeSoon();
  }

  /** Both halves of {@code stream} have ended. Any thread. */
  void forget(SpdyStream stream) {
    synchronized (streams) {
      streams.remove(stream.id());
    }
  }

  private void put(SpdyStream stream) {
    synchronized (streams) {
      streams.put(stream.id(), stream);
    }
  }

  private int count() {
    synchronized (streams) {
      return streams.size();
    }
  }

  private @Nullable SpdyStream get(int id) {
    synchronized (streams) {
      return streams.get(id);
    }
  }
}
