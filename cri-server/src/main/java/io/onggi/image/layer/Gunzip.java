package io.onggi.image.layer;

import io.onggi.image.content.BadContent;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Decompresses gzip (RFC 1952), members one after another included. The JDK's GZIPInputStream takes
 * {@code available() == 0} for the end of the last member, which on a network stream it is not.
 */
final class Gunzip extends InputStream {
  private static final int FLAG_HEADER_CRC = 2;
  private static final int FLAG_EXTRA = 4;
  private static final int FLAG_NAME = 8;
  private static final int FLAG_COMMENT = 16;
  private static final int FLAGS_RESERVED = 0xe0;

  private final InputStream in;
  private final byte[] input = new byte[64 * 1024];
  private int at;
  private int end;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 crc = new CRC32();
  private boolean inMember;
  private boolean anyMember;

  Gunzip(InputStream in) {
    this.in = in;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (inMember || beginMember()) {
      int n = inflate(buffer, offset, length);
      if (n > 0) {
        crc.update(buffer, offset, n);
        return n;
      }
      if (inflater.finished()) {
        endMember();
      } else if (inflater.needsDictionary()) {
        throw new BadContent("gzip data asks for a dictionary");
      } else if (!fill()) {
        throw new BadContent("gzip data is cut off");
      }
    }
    return -1;
  }

  private int inflate(byte[] buffer, int offset, int length) {
    try {
      inflater.setInput(input, at, end - at);
      int n = inflater.inflate(buffer, offset, length);
      at = end - inflater.getRemaining();
      return n;
    } catch (DataFormatException e) {
      throw new BadContent("gzip data is malformed: " + e.getMessage(), e);
    }
  }

  /** Reads a member's header; false at the end of the data. */
  private boolean beginMember() throws IOException {
    int first = nextOrEnd();
    if (anyMember) {
      while (first == 0) { // gzip(1), too, accepts zeros as padding after the last member
        first = nextOrEnd();
      }
    }
    if (first < 0) {
      return false;
    }
    if (first != 0x1f || next() != 0x8b || next() != 8) {
      throw new BadContent("data is not gzip" + (anyMember ? " after its first member" : ""));
    }
    int flags = next();
    if ((flags & FLAGS_RESERVED) != 0) {
      throw new BadContent("gzip header has reserved flags");
    }
    skip(6); // time, extra flags, operating system
    if ((flags & FLAG_EXTRA) != 0) {
      skip(next() | next() << 8);
    }
    skipText((flags & FLAG_NAME) != 0);
    skipText((flags & FLAG_COMMENT) != 0);
    if ((flags & FLAG_HEADER_CRC) != 0) {
      skip(2);
    }
    inflater.reset();
    crc.reset();
    inMember = true;
    anyMember = true;
    return true;
  }

  private void endMember() throws IOException {
    long storedCrc = littleEndian();
    long storedSize = littleEndian();
    if (storedCrc != crc.getValue() || storedSize != (inflater.getBytesWritten() & 0xffffffffL)) {
      throw new BadContent("gzip data is damaged: its checksum or length is wrong");
    }
    inMember = false;
  }

  private long littleEndian() throws IOException {
    return next() | (long) next() << 8 | (long) next() << 16 | (long) next() << 24;
  }

  private void skip(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      next();
    }
  }

  private void skipText(boolean present) throws IOException {
    if (present) {
      while (next() != 0) {
        // the stream's own length bounds it
      }
    }
  }

  private int next() throws IOException {
    int value = nextOrEnd();
    if (value < 0) {
      throw new BadContent("gzip data is cut off");
    }
    return value;
  }

  private int nextOrEnd() throws IOException {
    return at < end || fill() ? input[at++] & 0xff : -1;
  }

  private boolean fill() throws IOException {
    int n = in.read(input, 0, input.length);
    at = 0;
    end = Math.max(n, 0);
    return n > 0;
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    in.close();
  }
}
