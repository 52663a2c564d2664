package io.onggi.launch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the protocol's scalars from untrusted bytes. Nothing is allocated that the bytes present do
 * not cover; every failure is a {@link WireException}.
 */
final class WireReader {
  private final ByteBuffer in;

  WireReader(byte[] bytes) {
    this(ByteBuffer.wrap(bytes));
  }

  private WireReader(ByteBuffer in) {
    this.in = in.order(ByteOrder.LITTLE_ENDIAN);
  }

  int remaining() {
    return in.remaining();
  }

  int u16() {
    need(2);
    return in.getShort() & 0xffff;
  }

  int i32() {
    need(4);
    return in.getInt();
  }

  long u32() {
    return i32() & 0xffff_ffffL;
  }

  /** A u32 that fits a Java int. */
  int size() {
    int value = i32();
    if (value < 0) {
      throw new WireException("number " + (value & 0xffff_ffffL) + " is out of range");
    }
    return value;
  }

  long u64() {
    need(8);
    return in.getLong();
  }

  /** A u32 of flags of which only bit 0 is defined. */
  boolean flag() {
    return flags(1) != 0;
  }

  int flags(int allowed) {
    int value = i32();
    if ((value & ~allowed) != 0) {
      throw new WireException("unknown flags 0x%x".formatted(value & ~allowed));
    }
    return value;
  }

  byte[] raw(int length) {
    need(length);
    byte[] out = new byte[length];
    in.get(out);
    return out;
  }

  byte[] bytes() {
    return raw(size());
  }

  String str() {
    int length = size();
    if (length > Check.MAX_STRING) {
      throw new WireException("string of " + length + " bytes, at most " + Check.MAX_STRING);
    }
    byte[] out = raw(length);
    need(1);
    if (in.get() != 0) {
      throw new WireException("string is not ended by a NUL byte");
    }
    return RawText.of(out);
  }

  List<String> strs() {
    int count = count(5);
    List<String> out = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      out.add(str());
    }
    return out;
  }

  List<Long> u32s() {
    int count = count(4);
    List<Long> out = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      out.add(u32());
    }
    return out;
  }

  /** A reader of the next {@code length} bytes, which this one skips. */
  WireReader slice(int length) {
    need(length);
    ByteBuffer part = in.slice(in.position(), length);
    in.position(in.position() + length);
    return new WireReader(part);
  }

  void end() {
    if (in.hasRemaining()) {
      throw new WireException(in.remaining() + " trailing bytes");
    }
  }

  /** A count of elements of at least {@code smallest} bytes each, so that it is bounded. */
  int count(int smallest) {
    int count = size();
    if ((long) count * smallest > in.remaining()) {
      throw new WireException("count " + count + " is more than the bytes that follow");
    }
    return count;
  }

  private void need(int length) {
    if (length < 0 || in.remaining() < length) {
      throw new WireException(
          "truncated: " + length + " bytes wanted, " + in.remaining() + " left");
    }
  }
}
