package io.onggi.error;

import org.jspecify.annotations.Nullable;

/**
 * A failure that a CRI client is told about. The message says what failed, on which object, why,
 * and what to try; the subclass says which gRPC code carries it.
 */
public abstract sealed class CriException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private CriException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** The named object does not exist: gRPC NOT_FOUND. */
  public static final class NotFound extends CriException {
    private static final long serialVersionUID = 1L;

    public NotFound(String message) {
      super(message, null);
    }
  }

  /** The request can never succeed as it stands: gRPC INVALID_ARGUMENT. */
  public static final class InvalidArgument extends CriException {
    private static final long serialVersionUID = 1L;

    public InvalidArgument(String message) {
      super(message, null);
    }

    public InvalidArgument(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** The object is in a state that does not allow the request: gRPC FAILED_PRECONDITION. */
  public static final class FailedPrecondition extends CriException {
    private static final long serialVersionUID = 1L;

    public FailedPrecondition(String message) {
      super(message, null);
    }

    public FailedPrecondition(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** An object of that key exists already: gRPC ALREADY_EXISTS. */
  public static final class AlreadyExists extends CriException {
    private static final long serialVersionUID = 1L;

    public AlreadyExists(String message) {
      super(message, null);
    }
  }

  /** Something outside the daemon does not answer now; a retry may succeed: gRPC UNAVAILABLE. */
  public static final class Unavailable extends CriException {
    private static final long serialVersionUID = 1L;

    public Unavailable(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** A limit of the node is reached (disk, addresses, size): gRPC RESOURCE_EXHAUSTED. */
  public static final class ResourceExhausted extends CriException {
    private static final long serialVersionUID = 1L;

    public ResourceExhausted(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** The caller's time, or a step's own, ran out: gRPC DEADLINE_EXCEEDED. */
  public static final class DeadlineExceeded extends CriException {
    private static final long serialVersionUID = 1L;

    public DeadlineExceeded(String message) {
      super(message, null);
    }
  }

  /** The request names a part of the API that this version does not do: gRPC UNIMPLEMENTED. */
  public static final class Unimplemented extends CriException {
    private static final long serialVersionUID = 1L;

    public Unimplemented(String message) {
      super(message, null);
    }
  }

  /**
   * A registry's failure that the kubelet recognises by prefix, and only from gRPC UNKNOWN (kubelet
   * pkg/kubelet/images).
   */
  public static final class Unknown extends CriException {
    private static final long serialVersionUID = 1L;

    public Unknown(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** Everything else; the cause says which system call or file: gRPC INTERNAL. */
  public static final class Internal extends CriException {
    private static final long serialVersionUID = 1L;

    public Internal(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
