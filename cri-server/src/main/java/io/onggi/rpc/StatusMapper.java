package io.onggi.rpc;

import io.grpc.Status;
import io.onggi.error.CriException;

/** The one place where an exception becomes a gRPC status. */
final class StatusMapper {
  /** A client takes 8 KiB of headers, where the message travels, three bytes for some of one. */
  private static final int LONGEST = 1600;

  private static final int HEAD = 1000;
  private static final int TAIL = 500;

  private StatusMapper() {}

  static Status status(Throwable failure) {
    String message =
        failure.getMessage() == null ? failure.getClass().getName() : failure.getMessage();
    return code(failure).withDescription(shortened(message)).withCause(failure);
  }

  /** Names come first and what to try comes last; what a hostile value fills is between. */
  static String shortened(String message) {
    if (message.length() <= LONGEST) {
      return message;
    }
    return message.substring(0, HEAD)
        + " ... ("
        + message.length()
        + " characters in all) ... "
        + message.substring(message.length() - TAIL);
  }

  private static Status code(Throwable failure) {
    if (!(failure instanceof CriException known)) {
      return Status.INTERNAL;
    }
    return switch (known) {
      case CriException.NotFound _ -> Status.NOT_FOUND;
      case CriException.InvalidArgument _ -> Status.INVALID_ARGUMENT;
      case CriException.FailedPrecondition _ -> Status.FAILED_PRECONDITION;
      case CriException.AlreadyExists _ -> Status.ALREADY_EXISTS;
      case CriException.Unavailable _ -> Status.UNAVAILABLE;
      case CriException.ResourceExhausted _ -> Status.RESOURCE_EXHAUSTED;
      case CriException.DeadlineExceeded _ -> Status.DEADLINE_EXCEEDED;
      case CriException.Unimplemented _ -> Status.UNIMPLEMENTED;
      case CriException.Unknown _ -> Status.UNKNOWN;
      case CriException.Internal _ -> Status.INTERNAL;
    };
  }

  /** Whether the daemon's own log should hold the stack trace: only for what nobody expected. */
  static boolean isUnexpected(Throwable failure) {
    return !(failure instanceof CriException) || failure instanceof CriException.Internal;
  }
}
