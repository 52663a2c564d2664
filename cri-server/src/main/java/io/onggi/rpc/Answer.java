package io.onggi.rpc;

import io.grpc.stub.StreamObserver;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Runs one unary RPC and sends its answer, or its failure as a gRPC status. */
final class Answer {
  private static final Logger LOG = Logger.getLogger("io.onggi.rpc");

  private Answer() {}

  static <T> void to(StreamObserver<T> observer, String rpc, Supplier<T> work) {
    T answer;
    try {
      answer = work.get();
    } catch (RuntimeException | StackOverflowError e) {
      failed(observer, rpc, e);
      return;
    }
    observer.onNext(answer);
    observer.onCompleted();
  }

  /** Ends a call with what went wrong; only the unexpected is logged with its stack. */
  static void failed(StreamObserver<?> observer, String rpc, Throwable e) {
    Level level = StatusMapper.isUnexpected(e) ? Level.WARNING : Level.FINE;
    String said = StatusMapper.shortened(String.valueOf(e.getMessage()));
    LOG.log(level, rpc + ": " + said, StatusMapper.isUnexpected(e) ? e : null);
    observer.onError(StatusMapper.status(e).asRuntimeException());
  }
}
