package io.onggi.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The client of an exec or attach, whatever protocol it speaks. Writes park while it is slow. */
interface CommandClient {
  /** An output of the process. */
  enum Outlet {
    STDOUT,
    STDERR
  }

  Link link();

  Inbox stdin();

  /** JSON, one object a resize: {"Width":columns,"Height":rows}. */
  Inbox resizes();

  void stdout(ByteBuffer bytes) throws IOException;

  void stderr(ByteBuffer bytes) throws IOException;

  /**
   * Sends without waiting, on the event loop.
   *
   * @param bytes with {@link StreamMemory#ROOM} before its first one; taken over
   * @return done when the kernel has all of it
   */
  ChannelFuture push(Outlet outlet, ByteBuf bytes);

  /** The last word: status, end of every stream, end of the connection. Any thread. */
  void end(CommandStatus status);
}
