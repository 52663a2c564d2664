package io.onggi.image.registry;

import org.jspecify.annotations.Nullable;

/** One endpoint did not give what was asked for; another may. Never leaves this package. */
final class EndpointFailure extends Exception {
  private static final long serialVersionUID = 1L;

  /** Why, as far as it decides what the caller is told. */
  enum Kind {
    NOT_FOUND,
    DENIED,
    UNREACHABLE,
    /** 400: what a TLS server says to plain HTTP, too. */
    BAD_REQUEST,
    /** An answer that helps nobody: 500, another protocol, wrong bytes. */
    OTHER
  }

  private final Kind kind;

  EndpointFailure(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }

  /** Whether a registry has spoken, so that the same host need not be asked by another scheme. */
  boolean isAnswer() {
    return kind != Kind.UNREACHABLE && kind != Kind.BAD_REQUEST;
  }
}
