package io.onggi.launch;

import java.util.Arrays;

/**
 * One frame of the report pipe or the control socket (PROTOCOL.md, section 3).
 *
 * @param type one of the constants here, as the shim numbers them
 * @param payload not copied
 */
@SuppressWarnings("ArrayRecordComponent") // handed over once, compared only through equals below
record Frame(int type, byte[] payload) {
  static final int HEADER = 8;
  static final int MAX_PAYLOAD = 1 << 20;
  static final byte[] EMPTY = {};

  // report pipe
  static final int STARTED = 0x01;
  static final int FAILED = 0x02;
  static final int PROBED = 0x03;
  // client -> shim
  static final int GET_STATUS = 0x10;
  static final int KILL = 0x11;
  static final int REOPEN_LOG = 0x12;
  static final int WATCH = 0x13;
  static final int EXEC = 0x14;
  static final int STDIN = 0x15;
  static final int RESIZE = 0x16;
  static final int ATTACH = 0x17;
  // shim -> client
  static final int OK = 0x80;
  static final int ERROR = 0x81;
  static final int STATUS = 0x82;
  static final int EXEC_STARTED = 0x83;
  static final int STDOUT = 0x84;
  static final int STDERR = 0x85;
  static final int EXEC_EXITED = 0x86;
  static final int EXITED = 0x87;
  static final int ATTACHED = 0x88;
  static final int DROPPED = 0x89;
  static final int ENDED = 0x8a;

  /** A header, validated. */
  record Header(int type, int length) {}

  static Header header(byte[] bytes) {
    WireReader in = new WireReader(bytes);
    long length = in.u32();
    int type = in.u16();
    int zero = in.u16();
    if (length > MAX_PAYLOAD || zero != 0) {
      throw new WireException(
          "frame of type 0x%x with length %d and reserved field %d".formatted(type, length, zero));
    }
    return new Header(type, (int) length);
  }

  byte[] encodedHeader() {
    WireWriter out = new WireWriter();
    out.u32(payload.length);
    out.u16(type);
    out.u16(0);
    return out.toByteArray();
  }

  /** Header and payload. */
  byte[] encoded() {
    byte[] whole = Arrays.copyOf(encodedHeader(), HEADER + payload.length);
    System.arraycopy(payload, 0, whole, HEADER, payload.length);
    return whole;
  }

  WireReader reader() {
    return new WireReader(payload);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Frame frame
        && type == frame.type
        && Arrays.equals(payload, frame.payload);
  }

  @Override
  public int hashCode() {
    return 31 * type + Arrays.hashCode(payload);
  }
}
