package io.onggi.launch;

import java.util.List;

/** The protocol's bounds, shared by the compact constructors; each failure names the field. */
final class Check {
  /** Bytes of one string, the kernel's MAX_ARG_STRLEN. */
  static final int MAX_STRING = 131_072;

  static final int MAX_STEPS = 4096;
  static final int MAX_SLOT = 2047;
  static final int MAX_PLAN = 4 << 20;
  static final long MAX_ID = 0xffff_fffeL;

  private Check() {}

  /** Any text without a NUL that fits one string of the protocol. */
  static String text(String field, String value) {
    if (value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(field + " contains a NUL byte");
    }
    if (value.length() > MAX_STRING / 3 && RawText.bytes(value).length > MAX_STRING) {
      throw new IllegalArgumentException(field + " is longer than " + MAX_STRING + " bytes");
    }
    return value;
  }

  static String filled(String field, String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException(field + " is empty");
    }
    return text(field, value);
  }

  static String absolute(String field, String value) {
    if (!value.startsWith("/")) {
      throw new IllegalArgumentException(field + " '" + value + "' is not an absolute path");
    }
    return text(field, value);
  }

  static String absoluteOrEmpty(String field, String value) {
    return value.isEmpty() ? value : absolute(field, value);
  }

  static List<String> texts(String field, List<String> values) {
    values.forEach(value -> text(field, value));
    return List.copyOf(values);
  }

  static int slot(int slot) {
    return (int) range("slot", slot, 0, MAX_SLOT);
  }

  static long range(String field, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(field + " is " + value + ", must be " + min + ".." + max);
    }
    return value;
  }

  static void id(String field, long value) {
    range(field, value, 0, MAX_ID);
  }

  static void mask(String field, long value, long allowed) {
    if ((value & ~allowed) != 0) {
      throw new IllegalArgumentException(
          "%s 0x%x has unknown bits 0x%x".formatted(field, value, value & ~allowed));
    }
  }
}
