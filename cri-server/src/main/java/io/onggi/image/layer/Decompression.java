package io.onggi.image.layer;

import io.onggi.image.content.BadContent;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;

/**
 * Tells how bytes are compressed by their first ones: media types lie more often (Docker's archives
 * and many OCI layouts call plain layers gzip and the other way round).
 */
public final class Decompression {
  private static final int MAGIC = 4;

  private Decompression() {}

  /**
   * The plain bytes of gzip or uncompressed data.
   *
   * @throws BadContent for zstd, which this version does not read
   */
  public static InputStream open(InputStream in) throws IOException {
    PushbackInputStream peeking = new PushbackInputStream(in, MAGIC);
    byte[] first = new byte[MAGIC];
    int n = peeking.readNBytes(first, 0, MAGIC);
    peeking.unread(first, 0, n);
    if (n >= 2 && first[0] == 0x1f && first[1] == (byte) 0x8b) {
      return new Gunzip(peeking);
    }
    // RFC 8878, 3.1.1: the magic number 0xFD2FB528, little-endian
    if (n == 4
        && first[0] == 0x28
        && first[1] == (byte) 0xb5
        && first[2] == 0x2f
        && first[3] == (byte) 0xfd) {
      throw new BadContent("compressed with zstd, which is not supported yet: use gzip");
    }
    return peeking;
  }
}
