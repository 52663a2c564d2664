package io.onggi.image.tar;

import io.onggi.image.content.BadContent;
import java.nio.charset.StandardCharsets;

/** The fields of one 512-byte header block (POSIX ustar; the GNU differences are noted). */
final class TarHeader {
  static final int BLOCK = 512;

  private final byte[] block;
  private final long position;

  /**
   * @param position of the block in the archive, for messages
   */
  TarHeader(byte[] block, long position) {
    this.block = block;
    this.position = position;
  }

  boolean isZero() {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  /** The sum is of unsigned bytes, its own field taken as spaces; very old archives signed them. */
  void checkSum() {
    long unsigned = 0;
    long signed = 0;
    for (int i = 0; i < BLOCK; i++) {
      int value = i >= 148 && i < 156 ? ' ' : block[i];
      unsigned += value & 0xff;
      signed += value;
    }
    long stored = number("checksum", 148, 8);
    if (stored != unsigned && stored != signed) {
      throw bad("header checksum is wrong: this is no tar archive, or it is damaged");
    }
  }

  char type() {
    return (char) (block[156] & 0xff);
  }

  /** The name, with ustar's prefix; GNU's magic has other fields in the prefix's place. */
  String name() {
    String name = text(0, 100);
    String prefix = text(257, 6).equals("ustar") ? text(345, 155) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  String linkName() {
    return text(157, 100);
  }

  long mode() {
    return number("mode", 100, 8);
  }

  long uid() {
    return number("uid", 108, 8);
  }

  long gid() {
    return number("gid", 116, 8);
  }

  long size() {
    return number("size", 124, 12);
  }

  long mtime() {
    return number("mtime", 136, 12);
  }

  long deviceMajor() {
    return number("device major", 329, 8);
  }

  long deviceMinor() {
    return number("device minor", 337, 8);
  }

  private String text(int offset, int length) {
    int end = offset;
    while (end < offset + length && block[end] != 0) {
      end++;
    }
    return new String(block, offset, end - offset, StandardCharsets.ISO_8859_1);
  }

  /** Octal digits, or GNU's base-256 when the first bit is set (two's complement). */
  private long number(String field, int offset, int length) {
    if ((block[offset] & 0x80) != 0) {
      return base256(field, offset, length);
    }
    int at = offset;
    int end = offset + length;
    while (at < end && (block[at] == ' ' || block[at] == 0)) {
      at++;
    }
    long value = 0;
    while (at < end && block[at] != ' ' && block[at] != 0) {
      int digit = block[at++] - '0';
      if (digit < 0 || digit > 7) {
        throw bad("field " + field + " is no octal number");
      }
      value = value << 3 | digit;
    }
    return value;
  }

  private long base256(String field, int offset, int length) {
    boolean negative = block[offset] == (byte) 0xff;
    long value = negative ? -1 : block[offset] & 0x7f;
    for (int i = offset + 1; i < offset + length; i++) {
      if (value > (Long.MAX_VALUE >> 8) || value < (Long.MIN_VALUE >> 8)) {
        throw bad("field " + field + " is too large");
      }
      value = value << 8 | (block[i] & 0xff);
    }
    return value;
  }

  BadContent bad(String what) {
    return new BadContent("tar archive, byte " + position + ": " + what);
  }
}
