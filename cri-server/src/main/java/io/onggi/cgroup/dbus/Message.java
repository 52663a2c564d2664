package io.onggi.cgroup.dbus;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * One message as it was received.
 *
 * @param texts the header's fields that are strings, by their code
 */
record Message(int type, int serial, int replySerial, Map<Integer, String> texts, ByteBuffer body) {
  static final int CALL = 1;
  static final int RETURN = 2;
  static final int ERROR = 3;
  static final int SIGNAL = 4;

  static final int PATH = 1;
  static final int INTERFACE = 2;
  static final int MEMBER = 3;
  static final int ERROR_NAME = 4;
  static final int REPLY_SERIAL = 5;
  static final int DESTINATION = 6;
  static final int SIGNATURE = 8;

  /** Bytes of the header up to the length of its fields, that length included. */
  static final int FIXED = 16;

  private static final int BOUNDARY = 8;

  /** The specification's bound is 128 MiB; nothing that is asked for here comes near. */
  private static final int MOST = 16 << 20;

  String text(int field) {
    return texts.getOrDefault(field, "");
  }

  Reader reader() {
    return new Reader(body.duplicate().order(body.order()));
  }

  /**
   * The bytes of a message.
   *
   * @param fields strings of the header by code; {@link #PATH} is an object path
   * @param signature of the body; empty: there is none
   */
  static byte[] encode(
      int type,
      int serial,
      Map<Integer, String> fields,
      int replySerial,
      String signature,
      Consumer<Writer> body) {
    Writer content = new Writer();
    body.accept(content);
    Writer message = new Writer();
    message.u8('l').u8(type).u8(0).u8(1).u32(content.size()).u32(serial);
    message.array(
        BOUNDARY,
        () -> {
          fields.forEach(
              (code, text) ->
                  message.struct().u8(code).signature(code == PATH ? "o" : "s").text(text));
          if (replySerial != 0) {
            message.struct().u8(REPLY_SERIAL).signature("u").u32(replySerial);
          }
          if (!signature.isEmpty()) {
            message.struct().u8(SIGNATURE).signature("g").signature(signature);
          }
        });
    message.align(BOUNDARY);
    for (byte one : content.bytes()) {
      message.u8(one);
    }
    return message.bytes();
  }

  /** How long a message is whose first {@link #FIXED} bytes these are. */
  static int length(byte[] fixed) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(fixed).order(order(fixed));
    long fields = Integer.toUnsignedLong(buffer.getInt(12));
    long all = FIXED + (fields + BOUNDARY - 1) / BOUNDARY * BOUNDARY;
    all += Integer.toUnsignedLong(buffer.getInt(4));
    if (all > MOST) {
      throw new IOException("a D-Bus message of " + all + " bytes");
    }
    return (int) all;
  }

  private static ByteOrder order(byte[] fixed) throws IOException {
    return switch (fixed[0]) {
      case 'l' -> ByteOrder.LITTLE_ENDIAN;
      case 'B' -> ByteOrder.BIG_ENDIAN;
      default -> throw new IOException("no D-Bus message: it begins with byte " + fixed[0]);
    };
  }

  static Message decode(byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(order(bytes));
    int body = buffer.getInt(4);
    int start = bytes.length - body;
    int end = FIXED + buffer.getInt(12);
    if (start < FIXED || end < FIXED || end > start) {
      throw new IOException("a D-Bus message whose lengths contradict each other");
    }
    Reader header = new Reader(buffer.duplicate().order(buffer.order()).limit(end).position(FIXED));
    Map<Integer, String> texts = new TreeMap<>();
    int replySerial = 0;
    while (!header.atEnd()) {
      int code = header.align(BOUNDARY).u8();
      String type = header.signature();
      switch (type) {
        case "s", "o" -> texts.put(code, header.text());
        case "g" -> texts.put(code, header.signature());
        case "u" -> replySerial = code == REPLY_SERIAL ? header.u32() : skip(header, replySerial);
        default -> throw new IOException("a D-Bus header field of type " + type);
      }
    }
    ByteBuffer content = buffer.duplicate().order(buffer.order()).position(start).slice();
    return new Message(
        buffer.get(1), buffer.getInt(8), replySerial, texts, content.order(buffer.order()));
  }

  private static int skip(Reader header, int unchanged) throws IOException {
    header.u32();
    return unchanged;
  }
}
