package io.onggi.network.bridge;

import com.google.common.hash.Hashing;
import com.google.common.io.BaseEncoding;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/** Names of the node's ends of veth pairs: the owner can be read from them. */
final class LinkNames {
  /** Links of ours are known by it. */
  static final String PREFIX = "og";

  /** An interface name has 15 bytes (IFNAMSIZ less the zero). */
  private static final int DIGITS = 13;

  private static final Pattern HEX_ID = Pattern.compile("[0-9a-f]{13,}");

  private LinkNames() {}

  /** "og" and the first 13 digits of a hexadecimal id; of any other id a hash (65 bits). */
  static String of(String sandboxId) {
    if (HEX_ID.matcher(sandboxId).matches()) {
      return PREFIX + sandboxId.substring(0, DIGITS);
    }
    byte[] hash = Hashing.sha256().hashString(sandboxId, StandardCharsets.UTF_8).asBytes();
    String text = BaseEncoding.base32().omitPadding().encode(hash);
    return PREFIX + text.substring(0, DIGITS).toLowerCase(Locale.ROOT);
  }
}
