package io.onggi.rpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/** Gives an RPC that no class answers a sentence of ours in place of the generated one. */
public final class NotBuiltYet implements ServerInterceptor {
  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    return next.startCall(
        new SimpleForwardingServerCall<Q, A>(call) {
          @Override
          public void close(Status status, Metadata trailers) {
            super.close(withSentence(status), trailers);
          }

          private Status withSentence(Status status) {
            String rpc = getMethodDescriptor().getBareMethodName();
            String generated = "is unimplemented";
            return status.getCode() == Status.Code.UNIMPLEMENTED
                    && status.getDescription() != null
                    && status.getDescription().endsWith(generated)
                ? status.withDescription(
                    rpc
                        + " is not built in this version of onggi; README.md lists what works"
                        + " today")
                : status;
          }
        },
        headers);
  }
}
