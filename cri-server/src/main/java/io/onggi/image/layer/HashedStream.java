package io.onggi.image.layer;

import io.onggi.image.content.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/** Counts and hashes what is read through it; skipping reads, so that no byte escapes the hash. */
class HashedStream extends InputStream {
  private final InputStream in;
  private final MessageDigest hash = Digest.newSha256();
  private long count;

  HashedStream(InputStream in) {
    this.in = in;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int n = in.read(buffer, offset, length);
    if (n > 0) {
      hash.update(buffer, offset, n);
      count += n;
    }
    return n;
  }

  long count() {
    return count;
  }

  /** The digest of what was read; to be asked once, after the end. */
  Digest digest() {
    return Digest.sha256(hash.digest());
  }

  /** Reads to the end. */
  void drain() throws IOException {
    byte[] buffer = new byte[32 * 1024];
    while (read(buffer, 0, buffer.length) >= 0) {
      // only the hash and the end count
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
