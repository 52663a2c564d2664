package io.onggi.network.cni;

/**
 * A plugin that did not do what it was asked (CNI spec section 5, Error).
 *
 * <p>The message names plugin, command, what it said, and what to look at.
 */
public final class PluginException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** "Try again later" (CNI spec, Error Codes). */
  static final int TRY_AGAIN = 11;

  /** Codes of our own, beyond those of plugins (1 to 99 are the spec's, 100 and above theirs). */
  static final int NO_ANSWER = -1;

  private final int code;

  PluginException(String message, int code) {
    super(message);
    this.code = code;
  }

  /** The plugin's code, or {@link #NO_ANSWER} when it gave none. */
  public int code() {
    return code;
  }
}
