package io.onggi.image.content;

import io.onggi.error.CriException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The name of some bytes: the hash algorithm and the hash in lower-case hexadecimal (OCI image
 * specification, descriptor.md "Digests"). Only sha256 exists for now.
 */
public record Digest(String algorithm, String hex) {
  private static final Pattern SHA256_HEX = Pattern.compile("[0-9a-f]{64}");

  public Digest {
    if (!algorithm.equals("sha256")) {
      throw new CriException.InvalidArgument(
          "digest algorithm \"" + algorithm + "\" is not supported: use sha256");
    }
    if (!SHA256_HEX.matcher(hex).matches()) {
      throw new CriException.InvalidArgument(
          "digest \"sha256:" + hex + "\" is malformed: need 64 lower-case hexadecimal digits");
    }
  }

  /**
   * Reads {@code sha256:<64 hex digits>}.
   *
   * @throws CriException.InvalidArgument naming the part that is wrong
   */
  public static Digest parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw new CriException.InvalidArgument(
          "digest \"" + text + "\" is malformed: need sha256:<64 hexadecimal digits>");
    }
    return new Digest(text.substring(0, colon), text.substring(colon + 1));
  }

  /** The digest whose sha256 hash has just been computed. */
  public static Digest sha256(byte[] hash) {
    return new Digest("sha256", HexFormat.of().formatHex(hash));
  }

  /** The sha256 digest of these bytes. */
  public static Digest of(byte[] content) {
    return sha256(newSha256().digest(content));
  }

  /** A fresh hash whose result {@link #sha256} takes. */
  public static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return algorithm + ":" + hex;
  }
}
