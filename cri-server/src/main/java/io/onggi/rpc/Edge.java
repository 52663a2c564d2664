package io.onggi.rpc;

import com.google.protobuf.Message;
import io.grpc.BindableService;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.onggi.error.CriException;
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
        ServerInterceptors.useInputStreamMessages(
            ServerInterceptors.intercept(service.bindService(), new Bounds())),
        new Edge(),
        new NotBuiltYet(),
        new EventPosition());
  }

  /** Sees messages where {@link Edge} sees their bytes. */
  private static final class Bounds implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      return new SimpleForwardingServerCallListener<Q>(next.startCall(call, headers)) {
        @Override
        public void onMessage(Q message) {
          if (message instanceof Message request) {
            RequestBounds.check(
                String.valueOf(call.getMethodDescriptor().getBareMethodName()), request);
          }
          super.onMessage(message);
        }
      };
    }
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    return new Guarded<>(call, next.startCall(call, headers));
  }

  /** Closes the call with a reason where gRPC would with none. */
  private static final class Guarded<Q, A> extends SimpleForwardingServerCallListener<Q> {
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
      } catch (CriException e) {
        refused = true;
        call.close(StatusMapper.status(e), new Metadata());
      } catch (StatusRuntimeException e) {
        refused = true;
        String rpc = call.getMethodDescriptor().getBareMethodName();
        Throwable parser = e.getCause();
        String why = String.valueOf(parser == null ? e.getMessage() : parser.getMessage());
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

    /** The service answers at the end of the request; it has got none that it could answer. */
    @Override
    public void onHalfClose() {
      if (!refused) {
        super.onHalfClose();
      }
    }
  }
}
