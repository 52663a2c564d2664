package io.onggi.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/** Carries a byte stream in binary WebSocket messages, whose bounds mean nothing. */
final class WebSocketTunnel extends ChannelDuplexHandler {
  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    switch ((WebSocketFrame) message) {
      case PingWebSocketFrame ping -> {
        var _ = context.writeAndFlush(new PongWebSocketFrame(ping.content()));
      }
      case PongWebSocketFrame pong -> {
        boolean _ = pong.release();
      }
      case CloseWebSocketFrame close -> {
        var _ = context.writeAndFlush(close).addListener(ChannelFutureListener.CLOSE);
      }
      case WebSocketFrame data -> context.fireChannelRead(data.content());
    }
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    Object carried = message instanceof ByteBuf bytes ? new BinaryWebSocketFrame(bytes) : message;
    var _ = context.write(carried, promise);
  }
}
