package io.onggi.launch;

import java.util.Arrays;
import java.util.List;

/** Writes the protocol's scalars, little endian, into a growing array. */
final class WireWriter {
  private byte[] bytes = new byte[2048];
  private int length;

  void u16(int value) {
    reserve(2);
    bytes[length++] = (byte) value;
    bytes[length++] = (byte) (value >>> 8);
  }

  void u32(long value) {
    reserve(4);
    setU32(length, value);
    length += 4;
  }

  void u64(long value) {
    u32(value);
    u32(value >>> 32);
  }

  void flag(boolean value) {
    u32(value ? 1 : 0);
  }

  void raw(byte[] value) {
    reserve(value.length);
    System.arraycopy(value, 0, bytes, length, value.length);
    length += value.length;
  }

  void bytes(byte[] value) {
    u32(value.length);
    raw(value);
  }

  void str(String value) {
    byte[] encoded = RawText.bytes(value);
    bytes(encoded);
    reserve(1);
    bytes[length++] = 0;
  }

  void strs(List<String> values) {
    u32(values.size());
    values.forEach(this::str);
  }

  int length() {
    return length;
  }

  /** Overwrites four bytes that were written before. */
  void setU32(int at, long value) {
    for (int i = 0; i < 4; i++) {
      bytes[at + i] = (byte) (value >>> (8 * i));
    }
  }

  byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }

  private void reserve(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}
