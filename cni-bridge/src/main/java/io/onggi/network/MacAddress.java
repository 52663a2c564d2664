package io.onggi.network;

import com.google.common.io.BaseEncoding;
import java.util.Locale;

/** A 48-bit hardware address, held in the low bits of {@code value}. */
public record MacAddress(long value) {
  private static final int BYTES = 6;
  private static final BaseEncoding COLONS =
      BaseEncoding.base16().lowerCase().withSeparator(":", 2);

  public MacAddress {
    if (value >>> (8 * BYTES) != 0) {
      throw new IllegalArgumentException("more than 48 bits: " + Long.toHexString(value));
    }
  }

  /** Reads "0a:58:0a:58:00:05"; IllegalArgumentException on anything else. */
  public static MacAddress parse(String text) {
    byte[] bytes = COLONS.decode(text.toLowerCase(Locale.ROOT));
    return ofBytes(bytes);
  }

  public static MacAddress ofBytes(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("a MAC address has 6 bytes, not " + bytes.length);
    }
    long value = 0;
    for (byte b : bytes) {
      value = (value << 8) | (b & 0xff);
    }
    return new MacAddress(value);
  }

  public byte[] bytes() {
    byte[] bytes = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      bytes[i] = (byte) (value >>> (8 * (BYTES - 1 - i)));
    }
    return bytes;
  }

  @Override
  public String toString() {
    return COLONS.encode(bytes());
  }
}
