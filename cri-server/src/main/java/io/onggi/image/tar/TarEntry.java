package io.onggi.image.tar;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * One member of an archive, its extended headers already applied.
 *
 * @param name as in the archive, a byte string
 * @param linkName target of a link, "" otherwise; a byte string
 * @param mode permission bits, at most 07777
 * @param size bytes of data that follow; 0 for all but files
 * @param mtimeSeconds since 1970
 * @param xattrs extended attributes by name
 */
public record TarEntry(
    Type type,
    String name,
    String linkName,
    int mode,
    int uid,
    int gid,
    long size,
    long mtimeSeconds,
    int mtimeNanos,
    int deviceMajor,
    int deviceMinor,
    Map<String, byte[]> xattrs) {

  /** What the member is. */
  public enum Type {
    FILE,
    DIRECTORY,
    SYMLINK,
    HARD_LINK,
    CHARACTER_DEVICE,
    BLOCK_DEVICE,
    FIFO
  }

  /** The name as text, cut to what a message can carry. */
  public String shownName() {
    return shown(name);
  }

  static String shown(String byteString) {
    String cut = byteString.length() <= 200 ? byteString : byteString.substring(0, 200) + "...";
    return new String(cut.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
