package io.onggi.image.content;

import org.jspecify.annotations.Nullable;

/**
 * Bytes of an image that are not what they claim to be: wrong digest, truncated, malformed, or of a
 * kind that is not supported. Unchecked; the verb that was running turns it into the error its
 * client is told (a pull: the registry's fault; a load: the caller's).
 */
public final class BadContent extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BadContent(String message) {
    super(message);
  }

  public BadContent(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
