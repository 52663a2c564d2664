package io.onggi.image.layer;

import io.onggi.image.content.BadContent;
import io.onggi.image.content.Digest;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * A blob's bytes, checked against its descriptor while they pass: too many bytes or another digest
 * is {@link BadContent}, too few an EOFException (a broken transfer, worth another try).
 */
public final class VerifiedStream extends InputStream {
  private final String name;
  private final HashedStream in;
  private final Digest digest;
  private final long size;
  private boolean checked;

  /**
   * @param name what messages call the blob
   * @param size bytes that the blob has
   */
  public VerifiedStream(String name, InputStream in, Digest digest, long size) {
    this.name = name;
    this.in = new HashedStream(in);
    this.digest = digest;
    this.size = size;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int n = in.read(buffer, offset, length);
    if (n < 0) {
      checkEnd();
    } else if (in.count() > size) {
      throw new BadContent(name + ": more than the " + size + " bytes that its manifest says");
    }
    return n;
  }

  private void checkEnd() throws IOException {
    if (checked) {
      return;
    }
    if (in.count() < size) {
      throw new EOFException(name + ": truncated after " + in.count() + " of " + size + " bytes");
    }
    checked = true;
    Digest actual = in.digest();
    if (!actual.equals(digest)) {
      throw new BadContent(name + ": digest mismatch: the bytes are " + actual);
    }
  }

  /** Reads what is left, so that the digest of the whole is checked. */
  public void drain() throws IOException {
    byte[] buffer = new byte[32 * 1024];
    while (read(buffer, 0, buffer.length) >= 0) {
      // only the check at the end counts
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
