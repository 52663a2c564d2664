package io.onggi.launch;

/** Bytes (a plan, a frame, an exit record) that are not what PROTOCOL.md says they are. */
public final class WireException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public WireException(String message) {
    super(message);
  }

  public WireException(String message, Throwable cause) {
    super(message, cause);
  }
}
