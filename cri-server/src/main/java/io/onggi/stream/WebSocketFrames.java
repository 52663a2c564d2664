package io.onggi.stream;

import io.netty.buffer.ByteBuf;

/** Frames written by hand around bytes that have place before them (RFC 6455, section 5.2). */
final class WebSocketFrames {
  private static final int FINAL_BINARY = 0x82;
  private static final int SHORT = 126;
  private static final int LONG = 127;
  private static final int MAX_SHORT = 0xffff;

  private WebSocketFrames() {}

  /** Puts the header of a whole binary message, unmasked, before {@code bytes}. */
  static ByteBuf binary(ByteBuf bytes) {
    int length = bytes.readableBytes();
    int at = bytes.readerIndex();
    if (length < SHORT) {
      at -= 2;
      bytes.setByte(at + 1, length);
    } else if (length <= MAX_SHORT) {
      at -= 4;
      bytes.setByte(at + 1, SHORT).setShort(at + 2, length);
    } else {
      at -= 10;
      bytes.setByte(at + 1, LONG).setLong(at + 2, length);
    }
    return bytes.setByte(at, FINAL_BINARY).readerIndex(at);
  }
}
