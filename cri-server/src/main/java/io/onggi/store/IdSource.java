package io.onggi.store;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Where ids of sandboxes and containers come from: 64 hexadecimal digits each. */
@FunctionalInterface
public interface IdSource {
  String next();

  /** 256 random bits, so that an id is never met twice. */
  static IdSource random() {
    SecureRandom random = new SecureRandom();
    return () -> {
      byte[] bytes = new byte[32];
      random.nextBytes(bytes);
      return HexFormat.of().formatHex(bytes);
    };
  }
}
