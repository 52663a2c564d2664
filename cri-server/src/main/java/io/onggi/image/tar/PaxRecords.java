package io.onggi.image.tar;

import io.onggi.image.content.BadContent;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The records of a PAX extended header, each "LENGTH KEY=VALUE\n" (IEEE 1003.1 pax, "Extended
 * Header"). Values are byte strings.
 */
final class PaxRecords {
  private static final String XATTR = "SCHILY.xattr.";
  private static final int MAX_XATTR_VALUE = 65_536;

  private final Map<String, String> records = new LinkedHashMap<>();

  static PaxRecords none() {
    return new PaxRecords();
  }

  static PaxRecords parse(byte[] bytes) {
    PaxRecords result = new PaxRecords();
    int at = 0;
    while (at < bytes.length) {
      int space = at;
      int length = 0;
      while (space < bytes.length && bytes[space] >= '0' && bytes[space] <= '9') {
        if (length > bytes.length) {
          break;
        }
        length = length * 10 + (bytes[space++] - '0');
      }
      boolean framed = space > at && space < bytes.length && bytes[space] == ' ';
      if (!framed || length > bytes.length - at || length <= space - at + 2) {
        throw new BadContent("tar archive: PAX record has a wrong length");
      }
      result.add(
          new String(bytes, space + 1, length - (space - at) - 1, StandardCharsets.ISO_8859_1));
      at += length;
    }
    return result;
  }

  private void add(String record) {
    int equals = record.indexOf('=');
    if (equals <= 0 || !record.endsWith("\n")) {
      throw new BadContent("tar archive: PAX record is not KEY=VALUE and a newline");
    }
    String key = record.substring(0, equals);
    if (key.startsWith("GNU.sparse.")) {
      throw new BadContent(
          "tar archive holds a sparse file, which is not supported: make it without --sparse");
    }
    records.put(key, record.substring(equals + 1, record.length() - 1));
  }

  /** The value; null when absent or empty (an empty value takes a record back). */
  @Nullable String text(String key) {
    String value = records.get(key);
    return value == null || value.isEmpty() ? null : value;
  }

  long number(String key, long otherwise) {
    String value = text(key);
    if (value == null) {
      return otherwise;
    }
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw wrongNumber(key, e);
    }
  }

  /** Seconds and nanoseconds of a decimal time; {seconds, 0} of {@code otherwise} when absent. */
  long[] time(String key, long otherwise) {
    String value = text(key);
    if (value == null) {
      return new long[] {otherwise, 0};
    }
    try {
      int dot = value.indexOf('.');
      if (dot < 0) {
        return new long[] {Long.parseLong(value), 0};
      }
      long seconds =
          dot == 0 || value.startsWith("-.") ? 0 : Long.parseLong(value.substring(0, dot));
      String digits = (value.substring(dot + 1) + "000000000").substring(0, 9);
      int nanos = Integer.parseUnsignedInt(digits);
      if (value.charAt(0) == '-' && nanos > 0) {
        return new long[] {Math.subtractExact(seconds, 1), 1_000_000_000L - nanos};
      }
      return new long[] {seconds, nanos};
    } catch (NumberFormatException | ArithmeticException e) {
      throw wrongNumber(key, e);
    }
  }

  Map<String, byte[]> xattrs() {
    Map<String, byte[]> result = Map.of();
    for (Map.Entry<String, String> record : records.entrySet()) {
      if (record.getKey().startsWith(XATTR)) {
        if (result.isEmpty()) {
          result = new LinkedHashMap<>();
        }
        byte[] value = record.getValue().getBytes(StandardCharsets.ISO_8859_1);
        String name = record.getKey().substring(XATTR.length());
        if (value.length > MAX_XATTR_VALUE || name.isEmpty() || name.length() > 255) {
          throw new BadContent("tar archive: extended attribute is longer than Linux allows");
        }
        result.put(name, value);
      }
    }
    return result;
  }

  private static BadContent wrongNumber(String key, Exception cause) {
    return new BadContent("tar archive: PAX record " + key + " is no number", cause);
  }
}
