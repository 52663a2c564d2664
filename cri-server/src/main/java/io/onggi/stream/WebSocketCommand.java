package io.onggi.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * An exec or attach over WebSocket. A message may come in fragments; only its first has a channel.
 */
final class WebSocketCommand extends ChannelInboundHandlerAdapter implements CommandClient {
  private static final int STDIN = 0;
  private static final int STDOUT = 1;
  private static final int STDERR = 2;
  private static final int ERROR = 3;
  private static final int RESIZE = 4;
  private static final int HALF_CLOSE = 255;
  private static final int NO_CHANNEL = -1;

  private final Link link;
  private final WebSocketForm form;
  private final Inbox stdin;
  private final Inbox resizes;
  private int channel = NO_CHANNEL;

  WebSocketCommand(Link link, WebSocketForm form) {
    this.link = link;
    this.form = form;
    this.stdin = new Inbox(link.intake(), _ -> {});
    this.resizes = new Inbox(link.intake(), _ -> {});
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      switch ((WebSocketFrame) message) {
        case PingWebSocketFrame ping -> link.post(new PongWebSocketFrame(ping.content().retain()));
        case PongWebSocketFrame _ -> {}
        case CloseWebSocketFrame close -> answerClose(context, close);
        case ContinuationWebSocketFrame rest -> content(rest.content());
        case WebSocketFrame first -> {
          channel = NO_CHANNEL;
          content(first.content());
        }
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private static void answerClose(ChannelHandlerContext context, CloseWebSocketFrame close) {
    var _ = context.writeAndFlush(close.retain()).addListener(ChannelFutureListener.CLOSE);
  }

  private void content(ByteBuf bytes) {
    if (channel == NO_CHANNEL) {
      if (!bytes.isReadable()) {
        return;
      }
      channel = bytes.readUnsignedByte() - (form.base64() ? '0' : 0);
    }
    ByteBuf plain = form.base64() ? decoded(bytes) : bytes;
    switch (channel) {
      case STDIN -> stdin.put(plain);
      case RESIZE -> resizes.put(plain);
      case HALF_CLOSE -> halfClose(plain);
      default -> {
        // Nobody reads what a client sends on an output's channel.
      }
    }
  }

  private static ByteBuf decoded(ByteBuf text) {
    byte[] bytes = new byte[text.readableBytes()];
    text.readBytes(bytes);
    return Unpooled.wrappedBuffer(Base64.getDecoder().decode(bytes));
  }

  private void halfClose(ByteBuf which) {
    if (form.version() >= 5 && which.isReadable() && which.readUnsignedByte() == STDIN) {
      stdin.end();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    for (Inbox inbox : new Inbox[] {stdin, resizes}) {
      inbox.discard();
      inbox.end();
    }
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    link.closeSoon();
  }

  @Override
  public Link link() {
    return link;
  }

  @Override
  public Inbox stdin() {
    return stdin;
  }

  @Override
  public Inbox resizes() {
    return resizes;
  }

  /** An empty message that tells old clients that the session is up. */
  void greet() {
    link.post(message(STDOUT, ByteBuffer.allocate(0)));
  }

  @Override
  public void stdout(ByteBuffer bytes) throws IOException {
    link.write(message(STDOUT, bytes));
  }

  @Override
  public void stderr(ByteBuffer bytes) throws IOException {
    link.write(message(STDERR, bytes));
  }

  @Override
  public ChannelFuture push(Outlet outlet, ByteBuf bytes) {
    int to = outlet == Outlet.STDOUT ? STDOUT : STDERR;
    if (form.base64()) {
      ChannelFuture sent = link.send(message(to, bytes.nioBuffer()));
      boolean _ = bytes.release();
      return sent;
    }
    int at = bytes.readerIndex() - 1;
    bytes.setByte(at, to).readerIndex(at);
    return link.push(WebSocketFrames.binary(bytes));
  }

  @Override
  public void end(CommandStatus status) {
    String words = form.version() >= 4 ? status.json() : status.text();
    if (!words.isEmpty()) {
      link.post(message(ERROR, ByteBuffer.wrap(words.getBytes(StandardCharsets.UTF_8))));
    }
    link.finish(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE));
  }

  private WebSocketFrame message(int to, ByteBuffer bytes) {
    if (form.base64()) {
      byte[] plain = new byte[bytes.remaining()];
      bytes.get(plain);
      ByteBuf first = Unpooled.wrappedBuffer(new byte[] {(byte) ('0' + to)});
      ByteBuf text = Unpooled.wrappedBuffer(Base64.getEncoder().encode(plain));
      return new TextWebSocketFrame(Unpooled.wrappedBuffer(first, text));
    }
    ByteBuf first = Unpooled.wrappedBuffer(new byte[] {(byte) to});
    return new BinaryWebSocketFrame(Unpooled.wrappedBuffer(first, Unpooled.wrappedBuffer(bytes)));
  }
}
