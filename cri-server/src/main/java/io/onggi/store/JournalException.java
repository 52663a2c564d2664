package io.onggi.store;

import org.jspecify.annotations.Nullable;

/** A journal that cannot be opened or written: which file, why, and what to do. */
public final class JournalException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  JournalException(String message) {
    super(message);
  }

  JournalException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
