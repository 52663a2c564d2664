package io.onggi.rpc;

import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;

/**
 * What stands between the wire and every service. A request whose bytes are no message of the
 * call's type is the client's mistake: gRPC's own answer to it, UNKNOWN without a reason, says
 * neither so nor why.
 */
public final class Edge implements ServerInterceptor {
  private Edge() {}

  /** The services as they are served. */
  public static List<ServerServiceDefinition> around(List<BindableService> services) {
    return services.stream().map(Edge::around).toList();
  }

  private static ServerServiceDefinition around(BindableService service) {
    // As streams, so that a message is parsed within the listener below, not before it.
    return ServerInterceptors.interceptForward(
        ServerInterceptors.useInputStreamMessages(service.bindService()),
        new Edge(),
        new NotBuiltYet());
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    return new Guarded<>(call, next.startCall(call, headers));
  }

  /** Closes the call with a reason where gRPC would with none. */
  private static final class Guarded<Q, A>
      extends io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener<Q> {
    private final ServerCall<Q, A> call;
    private boolean refused;

    Guarded(ServerCall<Q, A> call, ServerCall.Listener<Q> next) {
      super(next);
      this.call = call;
    }

    @Override
    public void onMessage(Q message) {
      try {
        super.onMessage(message);
      } catch (StatusRuntimeException e) {
        refused = true;
        String rpc = call.getMethodDescriptor().getBareMethodName();
        String why = e.getCause() == null ? String.valueOf(e.getMessage()) : cause(e.getCause());
        call.close(
            Status.INVALID_ARGUMENT
                .withDescription(
                    rpc
                        + ": the request is no message of type "
                        + rpc
                        + "Request: "
                        + why
                        + "; is the client built for CRI runtime.v1?")
                .withCause(e),
            new Metadata());
      }
    }

    private static String cause(Throwable cause) {
      return String.valueOf(cause.getMessage());
    }

    /** The service answers at the end of the request; it has got none that it could answer. */
    @Override
    public void onHalfClose() {
      if (!refused) {
        super.onHalfClose();
      }
    }
  }
}
