package io.onggi.stream;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;

/**
 * Lets nobody read from the socket while reading is stopped. Netty's SPDY codec asks for another
 * read after each one that it believes has brought no frame, which is every one (its frames do not
 * go through the list that {@code ByteToMessageDecoder} looks at), and so undoes back-pressure.
 */
final class ReadGate extends ChannelOutboundHandlerAdapter {
  @Override
  public void read(ChannelHandlerContext context) {
    if (context.channel().config().isAutoRead()) {
      context.read();
    }
  }
}
