package io.onggi.cgroup.dbus;

import java.io.EOFException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Takes values out of a message; what does not fit is an IOException, never more than is there. */
public final class Reader {
  private final ByteBuffer buffer;

  Reader(ByteBuffer buffer) {
    this.buffer = buffer;
  }

  /** True when nothing is left. */
  boolean atEnd() {
    return !buffer.hasRemaining();
  }

  Reader align(int boundary) throws IOException {
    int skip = (boundary - buffer.position() % boundary) % boundary;
    require(skip);
    buffer.position(buffer.position() + skip);
    return this;
  }

  private void require(int bytes) throws IOException {
    if (bytes < 0 || bytes > buffer.remaining()) {
      throw new EOFException("a D-Bus message ends inside a value");
    }
  }

  int u8() throws IOException {
    require(1);
    return Byte.toUnsignedInt(buffer.get());
  }

  public int u32() throws IOException {
    align(Integer.BYTES);
    try {
      return buffer.getInt();
    } catch (BufferUnderflowException e) {
      throw new IOException("a D-Bus message ends inside a number", e);
    }
  }

  long u64() throws IOException {
    align(Long.BYTES);
    try {
      return buffer.getLong();
    } catch (BufferUnderflowException e) {
      throw new IOException("a D-Bus message ends inside a number", e);
    }
  }

  int position() {
    return buffer.position();
  }

  /** Also an object path. */
  public String text() throws IOException {
    return chars(u32());
  }

  String signature() throws IOException {
    return chars(u8());
  }

  private String chars(int length) throws IOException {
    require(length);
    byte[] bytes = new byte[length];
    buffer.get(bytes);
    u8(); // the final NUL
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
