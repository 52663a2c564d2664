package io.onggi.image.tar;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/** Writes archives for tests, the malformed and hostile ones included. */
public final class TarBytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  public TarBytes file(String name, String content) {
    return file(name, content.getBytes(StandardCharsets.UTF_8), 0644, 0, 0);
  }

  public TarBytes file(String name, byte[] content, int mode, int uid, int gid) {
    header(name, '0', "", mode, uid, gid, content.length, 0, 0);
    return data(content);
  }

  public TarBytes directory(String name, int mode) {
    return header(name, '5', "", mode, 0, 0, 0, 0, 0);
  }

  public TarBytes symlink(String name, String target) {
    return header(name, '2', target, 0777, 0, 0, 0, 0, 0);
  }

  public TarBytes hardLink(String name, String target) {
    return header(name, '1', target, 0644, 0, 0, 0, 0, 0);
  }

  public TarBytes node(String name, char type, int major, int minor) {
    return header(name, type, "", 0600, 0, 0, 0, major, minor);
  }

  public TarBytes gnuLong(char type, String text) {
    byte[] bytes = (text + "\0").getBytes(StandardCharsets.UTF_8);
    header("././@LongLink", type, "", 0, 0, 0, bytes.length, 0, 0);
    return data(bytes);
  }

  public TarBytes pax(Map<String, String> records) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    records.forEach(
        (key, value) -> {
          byte[] rest = (" " + key + "=" + value + "\n").getBytes(StandardCharsets.UTF_8);
          int length = rest.length + 1;
          while (String.valueOf(length).length() + rest.length != length) {
            length++;
          }
          body.writeBytes(String.valueOf(length).getBytes(StandardCharsets.US_ASCII));
          body.writeBytes(rest);
        });
    header("PaxHeaders/x", 'x', "", 0, 0, 0, body.size(), 0, 0);
    return data(body.toByteArray());
  }

  /** One header of the given fields; data, if any, is up to the caller. */
  public TarBytes header(
      String name,
      char type,
      String link,
      int mode,
      int uid,
      int gid,
      long size,
      int major,
      int minor) {
    byte[] block = new byte[512];
    put(block, 0, name);
    octal(block, 100, 8, mode);
    octal(block, 108, 8, uid);
    octal(block, 116, 8, gid);
    octal(block, 124, 12, size);
    octal(block, 136, 12, 1_700_000_000L);
    block[156] = (byte) type;
    put(block, 157, link);
    put(block, 257, "ustar\000" + "00");
    octal(block, 329, 8, major);
    octal(block, 337, 8, minor);
    return raw(block);
  }

  /** A whole header block, its checksum put right. */
  public TarBytes raw(byte[] block) {
    Arrays.fill(block, 148, 156, (byte) ' ');
    int sum = 0;
    for (byte b : block) {
      sum += b & 0xff;
    }
    octal(block, 148, 7, sum);
    out.writeBytes(block);
    return this;
  }

  public TarBytes data(byte[] content) {
    out.writeBytes(content);
    out.writeBytes(new byte[-content.length & 511]);
    return this;
  }

  /** The archive with its end mark. */
  public byte[] end() {
    out.writeBytes(new byte[1024]);
    return out.toByteArray();
  }

  /** The archive without an end mark. */
  public byte[] cut() {
    return out.toByteArray();
  }

  private static void put(byte[] block, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, block, at, bytes.length);
  }

  private static void octal(byte[] block, int at, int length, long value) {
    put(block, at, String.format("%0" + (length - 1) + "o", value) + "\0");
  }
}
