package io.onggi.network.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Takes received bytes apart. Every length is checked against what is there, so any input ends in a
 * result or in {@link NetlinkFormatException}.
 */
final class NetlinkReader {
  private static final int MESSAGE_HEADER = 16;
  private static final int NLA_HEADER = 4;
  private static final int NLA_TYPE_MASK = 0x3fff;

  private NetlinkReader() {}

  /** The messages of one datagram; their bodies are views of it. */
  static List<NetlinkMessage> messages(ByteBuffer datagram) {
    ByteBuffer in = ordered(datagram.slice());
    List<NetlinkMessage> messages = new ArrayList<>();
    int at = 0;
    while (in.limit() - at >= MESSAGE_HEADER) {
      int length = in.getInt(at);
      if (length < MESSAGE_HEADER || length > in.limit() - at) {
        throw new NetlinkFormatException(
            "message of " + length + " bytes where " + (in.limit() - at) + " are left");
      }
      ByteBuffer body = ordered(in.slice(at + MESSAGE_HEADER, length - MESSAGE_HEADER));
      messages.add(
          new NetlinkMessage(
              Short.toUnsignedInt(in.getShort(at + 4)),
              Short.toUnsignedInt(in.getShort(at + 6)),
              in.getInt(at + 8),
              body));
      at += aligned(length);
    }
    if (at < in.limit()) {
      throw new NetlinkFormatException((in.limit() - at) + " bytes after the last message");
    }
    return messages;
  }

  /** The attributes after a fixed header of {@code skip} bytes; the last one of a type counts. */
  static Map<Integer, ByteBuffer> attributes(ByteBuffer body, int skip) {
    if (body.limit() < skip) {
      throw new NetlinkFormatException("a body of " + body.limit() + " bytes, " + skip + " needed");
    }
    Map<Integer, ByteBuffer> attributes = new HashMap<>();
    int at = skip;
    while (body.limit() - at >= NLA_HEADER) {
      int length = Short.toUnsignedInt(body.getShort(at));
      if (length < NLA_HEADER || length > body.limit() - at) {
        throw new NetlinkFormatException(
            "attribute of " + length + " bytes where " + (body.limit() - at) + " are left");
      }
      int type = Short.toUnsignedInt(body.getShort(at + 2)) & NLA_TYPE_MASK;
      attributes.put(type, ordered(body.slice(at + NLA_HEADER, length - NLA_HEADER)));
      at += aligned(length);
    }
    return attributes;
  }

  static OptionalInt u32(Map<Integer, ByteBuffer> attributes, int type) {
    ByteBuffer value = attributes.get(type);
    if (value == null) {
      return OptionalInt.empty();
    }
    need(value, 4, type);
    return OptionalInt.of(value.getInt(0));
  }

  /** A string with or without its zero; empty if the attribute is absent. */
  static String string(Map<Integer, ByteBuffer> attributes, int type) {
    ByteBuffer value = attributes.get(type);
    if (value == null) {
      return "";
    }
    int end = 0;
    while (end < value.limit() && value.get(end) != 0) {
      end++;
    }
    byte[] text = new byte[end];
    value.get(0, text);
    return new String(text, StandardCharsets.UTF_8);
  }

  static byte[] bytes(ByteBuffer value) {
    byte[] copy = new byte[value.limit()];
    value.get(0, copy);
    return copy;
  }

  static void need(ByteBuffer value, int bytes, int type) {
    if (value.limit() < bytes) {
      throw new NetlinkFormatException(
          "attribute " + type + " has " + value.limit() + " bytes, " + bytes + " needed");
    }
  }

  private static int aligned(int length) {
    return (length + 3) & ~3;
  }

  private static ByteBuffer ordered(ByteBuffer buffer) {
    return buffer.order(ByteOrder.nativeOrder());
  }
}
