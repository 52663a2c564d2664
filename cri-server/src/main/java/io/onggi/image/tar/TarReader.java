package io.onggi.image.tar;

import io.onggi.image.content.BadContent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads an archive entry by entry from a stream: {@link #next} gives the header, then {@link #read}
 * its data; data left unread is skipped. Memory is bounded whatever the archive says.
 *
 * <p>Malformed archives throw {@link BadContent}; only the stream itself throws IOException.
 */
public final class TarReader {
  /**
   * Extended headers and long names: far above what Linux can use (PATH_MAX 4096, xattr 64 KiB).
   */
  private static final int MAX_EXTENSION = 1 << 20;

  /** man 7 path_resolution: a name of more bytes cannot be used in one system call. */
  private static final int MAX_NAME = 4095;

  private final InputStream in;
  private final byte[] block = new byte[TarHeader.BLOCK];
  private long position;
  private long dataLeft;
  private int padding;

  private @Nullable String longName;
  private @Nullable String longLink;
  private PaxRecords pax = PaxRecords.none();

  /**
   * @param in should be buffered: headers are read in 512-byte pieces
   */
  public TarReader(InputStream in) {
    this.in = in;
  }

  /** The next entry, or null at the end of the archive. */
  public @Nullable TarEntry next() throws IOException {
    skipData();
    longName = null;
    longLink = null;
    pax = PaxRecords.none();
    while (true) {
      TarHeader header = header();
      if (header == null) {
        return null;
      }
      if (!isExtension(header)) {
        return entry(header);
      }
    }
  }

  /** Where the current entry's data begins, in bytes from the start of the archive. */
  public long dataPosition() {
    return position;
  }

  /** Reads data of the current entry; -1 at its end. */
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (dataLeft == 0) {
      return -1;
    }
    int n = in.read(buffer, offset, (int) Math.min(length, dataLeft));
    if (n < 0) {
      throw cutOff();
    }
    dataLeft -= n;
    position += n;
    return n;
  }

  private @Nullable TarHeader header() throws IOException {
    long at = position;
    int n = in.readNBytes(block, 0, block.length);
    position += n;
    if (n == 0) {
      return null; // GNU tar, too, takes a missing end mark for the end
    }
    if (n < block.length) {
      throw cutOff();
    }
    TarHeader header = new TarHeader(block, at);
    if (header.isZero()) {
      return null;
    }
    header.checkSum();
    return header;
  }

  /** Takes in a header that only speaks about the next one. */
  private boolean isExtension(TarHeader header) throws IOException {
    switch (header.type()) {
      case 'L' -> longName = extensionText(header);
      case 'K' -> longLink = extensionText(header);
      case 'x', 'X' -> pax = PaxRecords.parse(extension(header));
      case 'g' -> extension(header); // defaults for all: builders put only comments there
      default -> {
        return false;
      }
    }
    return true;
  }

  private byte[] extension(TarHeader header) throws IOException {
    long size = header.size();
    if (size < 0 || size > MAX_EXTENSION) {
      throw header.bad("extended header of " + size + " bytes; at most " + MAX_EXTENSION);
    }
    begin(size);
    byte[] bytes = in.readNBytes((int) size);
    position += bytes.length;
    dataLeft -= bytes.length;
    if (dataLeft > 0) {
      throw cutOff();
    }
    skipData();
    return bytes;
  }

  private String extensionText(TarHeader header) throws IOException {
    String text = new String(extension(header), StandardCharsets.ISO_8859_1);
    int end = text.indexOf('\0');
    return end < 0 ? text : text.substring(0, end);
  }

  private TarEntry entry(TarHeader header) {
    String name = firstOf(pax.text("path"), longName, header.name());
    TarEntry.Type type = type(header, name);
    String link =
        type == TarEntry.Type.SYMLINK || type == TarEntry.Type.HARD_LINK
            ? firstOf(pax.text("linkpath"), longLink, header.linkName())
            : "";
    checkName(header, name);
    checkName(header, link);
    long size = type == TarEntry.Type.FILE ? pax.number("size", header.size()) : 0;
    if (size < 0 || size > Long.MAX_VALUE - 2L * TarHeader.BLOCK) {
      throw header.bad("entry " + TarEntry.shown(name) + " has the size " + size);
    }
    begin(size);
    long[] mtime = pax.time("mtime", header.mtime());
    boolean device = type == TarEntry.Type.CHARACTER_DEVICE || type == TarEntry.Type.BLOCK_DEVICE;
    return new TarEntry(
        type,
        name,
        link,
        (int) (header.mode() & 07777),
        id(header, "uid", pax.number("uid", header.uid())),
        id(header, "gid", pax.number("gid", header.gid())),
        size,
        mtime[0],
        (int) mtime[1],
        device ? deviceNumber(header, header.deviceMajor(), 0xfff) : 0,
        device ? deviceNumber(header, header.deviceMinor(), 0xfffff) : 0,
        pax.xattrs());
  }

  private static TarEntry.Type type(TarHeader header, String name) {
    return switch (header.type()) {
      case '0', '7' -> TarEntry.Type.FILE;
      // Before POSIX a directory was a file whose name ends so.
      case '\0' -> name.endsWith("/") ? TarEntry.Type.DIRECTORY : TarEntry.Type.FILE;
      case '1' -> TarEntry.Type.HARD_LINK;
      case '2' -> TarEntry.Type.SYMLINK;
      case '3' -> TarEntry.Type.CHARACTER_DEVICE;
      case '4' -> TarEntry.Type.BLOCK_DEVICE;
      case '5' -> TarEntry.Type.DIRECTORY;
      case '6' -> TarEntry.Type.FIFO;
      case 'S' ->
          throw header.bad(
              TarEntry.shown(name)
                  + " is a sparse file, which is not supported: make it without --sparse");
      default ->
          throw header.bad(
              TarEntry.shown(name) + " is of the unknown kind '" + printable(header.type()) + "'");
    };
  }

  private static String printable(char type) {
    return type > ' ' && type < 127 ? String.valueOf(type) : "\\x" + Integer.toHexString(type);
  }

  private static void checkName(TarHeader header, String name) {
    if (name.length() > MAX_NAME) {
      throw header.bad("name of " + name.length() + " bytes: " + TarEntry.shown(name));
    }
    if (name.indexOf('\0') >= 0) {
      throw header.bad("name with a NUL byte: " + TarEntry.shown(name));
    }
  }

  private static int id(TarHeader header, String field, long value) {
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw header.bad(field + " " + value + " is out of range (0 to 2147483647)");
    }
    return (int) value;
  }

  private static int deviceNumber(TarHeader header, long value, int max) {
    if (value < 0 || value > max) {
      throw header.bad("device number " + value + " is out of range");
    }
    return (int) value;
  }

  private static String firstOf(@Nullable String first, @Nullable String second, String third) {
    if (first != null) {
      return first;
    }
    return second != null ? second : third;
  }

  private void begin(long size) {
    dataLeft = size;
    padding = (int) (-size & (TarHeader.BLOCK - 1));
  }

  private void skipData() throws IOException {
    long left = dataLeft + padding;
    while (left > 0) {
      long skipped = in.skip(left);
      if (skipped <= 0) {
        if (in.read() < 0) {
          throw cutOff();
        }
        skipped = 1;
      }
      left -= skipped;
      position += skipped;
    }
    dataLeft = 0;
    padding = 0;
  }

  private BadContent cutOff() {
    return new BadContent("tar archive is cut off at byte " + position);
  }
}
