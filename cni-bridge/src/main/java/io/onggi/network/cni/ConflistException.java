package io.onggi.network.cni;

/** A network configuration that cannot be used; the message names file, line and key. */
public final class ConflistException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ConflistException(String message) {
    super(message);
  }
}
