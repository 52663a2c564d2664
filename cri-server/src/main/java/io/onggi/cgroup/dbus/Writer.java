package io.onggi.cgroup.dbus;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Marshals values, little endian, each on its boundary from the message's start. */
public final class Writer {
  private static final int STRUCT = 8;

  private ByteBuffer buffer = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);

  Writer() {}

  private ByteBuffer room(int bytes) {
    if (buffer.remaining() < bytes) {
      ByteBuffer larger =
          ByteBuffer.allocate(2 * (buffer.capacity() + bytes)).order(ByteOrder.LITTLE_ENDIAN);
      larger.put(buffer.flip());
      buffer = larger;
    }
    return buffer;
  }

  Writer align(int boundary) {
    while (buffer.position() % boundary != 0) {
      u8(0);
    }
    return this;
  }

  Writer u8(int value) {
    room(1).put((byte) value);
    return this;
  }

  Writer u32(int value) {
    align(Integer.BYTES);
    room(Integer.BYTES).putInt(value);
    return this;
  }

  public Writer u64(long value) {
    align(Long.BYTES);
    room(Long.BYTES).putLong(value);
    return this;
  }

  public Writer bool(boolean value) {
    return u32(value ? 1 : 0);
  }

  /** Also an object path. */
  public Writer text(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    u32(bytes.length);
    room(bytes.length + 1).put(bytes).put((byte) 0);
    return this;
  }

  Writer signature(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    u8(bytes.length);
    room(bytes.length + 1).put(bytes).put((byte) 0);
    return this;
  }

  /**
   * An array: its length in bytes counts neither itself nor the padding before the first element.
   *
   * @param boundary of an element
   */
  Writer array(int boundary, Runnable elements) {
    u32(0);
    int length = buffer.position() - Integer.BYTES;
    align(boundary);
    int start = buffer.position();
    elements.run();
    buffer.putInt(length, buffer.position() - start);
    return this;
  }

  /** An array of structures. */
  public Writer structs(Runnable elements) {
    return array(STRUCT, elements);
  }

  /** A structure begins on a boundary of eight. */
  public Writer struct() {
    return align(STRUCT);
  }

  public Writer variant(Value value) {
    signature(value.signature());
    switch (value) {
      case Value.Text(String text) -> text(text);
      case Value.Flag(boolean flag) -> bool(flag);
      case Value.Count(long number) -> u64(number);
      case Value.Pids(var pids) -> array(Integer.BYTES, () -> pids.forEach(this::u32));
      case Value.Bits(var bits) -> array(1, () -> bits.forEach(this::u8));
      case Value.Pairs(var pairs) ->
          structs(() -> pairs.forEach(p -> struct().text(p.first()).text(p.second())));
    }
    return this;
  }

  int size() {
    return buffer.position();
  }

  byte[] bytes() {
    return Arrays.copyOf(buffer.array(), buffer.position());
  }
}
