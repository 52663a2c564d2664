package io.onggi.network.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes the body of one netlink message: a fixed header, then attributes (struct nlattr: u16
 * length, u16 type, value, padded to 4 bytes; linux/netlink.h). Fixed headers and rtnetlink values
 * are in host order, nf_tables values in network order: hence {@link #attributeU32} and {@link
 * #attributeBe32}.
 */
public final class NetlinkWriter {
  private static final int NLA_F_NESTED = 0x8000;
  private static final int NLA_HEADER = 4;
  private static final int MAX_ATTRIBUTE = 0xffff;

  private ByteBuffer buffer = ByteBuffer.allocate(256).order(ByteOrder.nativeOrder());

  public NetlinkWriter u8(int value) {
    room(1).put((byte) value);
    return this;
  }

  public NetlinkWriter u16(int value) {
    room(2).putShort((short) value);
    return this;
  }

  public NetlinkWriter u32(int value) {
    room(4).putInt(value);
    return this;
  }

  /** Raw bytes, unpadded. */
  public NetlinkWriter bytes(byte[] value) {
    room(value.length).put(value);
    return this;
  }

  public NetlinkWriter attribute(int type, byte[] value) {
    int length = NLA_HEADER + value.length;
    if (length > MAX_ATTRIBUTE) {
      throw new IllegalArgumentException("attribute " + type + " of " + length + " bytes");
    }
    u16(length).u16(type).bytes(value);
    return pad();
  }

  public NetlinkWriter attributeU8(int type, int value) {
    return attribute(type, new byte[] {(byte) value});
  }

  public NetlinkWriter attributeU32(int type, int value) {
    return attribute(
        type, ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(value).array());
  }

  public NetlinkWriter attributeBe32(int type, int value) {
    return attribute(type, ByteBuffer.allocate(4).putInt(value).array());
  }

  /** A zero-terminated string. */
  public NetlinkWriter attributeString(int type, String value) {
    byte[] text = value.getBytes(StandardCharsets.UTF_8);
    return attribute(type, Arrays.copyOf(text, text.length + 1));
  }

  /** An attribute whose value is what {@code content} writes. */
  public NetlinkWriter nest(int type, Runnable content) {
    return nestRaw(type | NLA_F_NESTED, content);
  }

  /**
   * As {@link #nest} without the flag that marks nesting: for rtnetlink's link attributes, which
   * older kernels compare without masking it.
   */
  public NetlinkWriter nestRaw(int type, Runnable content) {
    int start = buffer.position();
    u16(0).u16(type);
    content.run();
    int length = buffer.position() - start;
    if (length > MAX_ATTRIBUTE) {
      throw new IllegalArgumentException("attribute " + type + " of " + length + " bytes");
    }
    buffer.putShort(start, (short) length);
    return pad();
  }

  public byte[] toBytes() {
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  private NetlinkWriter pad() {
    while (buffer.position() % 4 != 0) {
      u8(0);
    }
    return this;
  }

  private ByteBuffer room(int bytes) {
    if (buffer.remaining() < bytes) {
      int capacity = Math.max(2 * buffer.capacity(), buffer.position() + bytes);
      ByteBuffer grown = ByteBuffer.allocate(capacity).order(ByteOrder.nativeOrder());
      buffer = grown.put(buffer.flip());
    }
    return buffer;
  }
}
