package io.onggi.rpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.onggi.error.CriException;
import java.util.Optional;

/**
 * Where a client of GetContainerEvents stands, carried beside a request that has no field for it
 * (docs/events.md). The answer's headers say which run of the daemon counts and the number of the
 * first event; each message is the next number, without holes. A client that comes back says the
 * number of the last event that it has.
 */
public final class EventPosition implements ServerInterceptor {
  /** From the client: {@code oldest}, {@code NUMBER} or {@code RUN.NUMBER}. */
  static final Metadata.Key<String> AFTER = key("onggi-events-after");

  /** To the client: changes with each start of the daemon, and the numbers begin anew with it. */
  static final Metadata.Key<String> RUN = key("onggi-events-run");

  /** To the client: the number of the first message. */
  static final Metadata.Key<String> NEXT = key("onggi-events-next");

  private static final String METHOD = "GetContainerEvents";
  private static final Context.Key<Opened> OPENED = Context.key("onggi-events");

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /** What the client asked for. */
  sealed interface Wanted {
    /** From now on. */
    record News() implements Wanted {}

    /** Everything that is kept, then the news. */
    record Oldest() implements Wanted {}

    /**
     * @param run empty if the client did not say
     */
    record After(Optional<String> run, long number) implements Wanted {}
  }

  /** One call, with its headers. */
  interface Opened {
    /**
     * @throws CriException.InvalidArgument naming the header
     */
    Wanted wanted();

    /** Sends the headers at once, so that a client knows before the first event. */
    void begin(String run, long next);
  }

  /** Of the call that is being served. */
  static Opened current() {
    return OPENED.get();
  }

  static Wanted parse(Optional<String> header) {
    if (header.isEmpty()) {
      return new Wanted.News();
    }
    String text = header.get();
    if (text.equals("oldest")) {
      return new Wanted.Oldest();
    }
    int dot = text.indexOf('.');
    try {
      long number = Long.parseUnsignedLong(text.substring(dot + 1));
      if (number < 0) {
        throw new NumberFormatException("more than 2^63");
      }
      return new Wanted.After(
          dot < 0 ? Optional.empty() : Optional.of(text.substring(0, dot)), number);
    } catch (NumberFormatException e) {
      throw new CriException.InvalidArgument(
          "header onggi-events-after: \"" + text + "\" is not oldest, NUMBER or RUN.NUMBER", e);
    }
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (!METHOD.equals(call.getMethodDescriptor().getBareMethodName())) {
      return next.startCall(call, headers);
    }
    Once<Q, A> once = new Once<>(call, Optional.ofNullable(headers.get(AFTER)));
    return Contexts.interceptCall(Context.current().withValue(OPENED, once), once, headers, next);
  }

  /** gRPC sends headers with the first message; here they may have gone before. */
  private static final class Once<Q, A> extends SimpleForwardingServerCall<Q, A> implements Opened {
    private final Optional<String> after;
    private boolean sent;

    Once(ServerCall<Q, A> call, Optional<String> after) {
      super(call);
      this.after = after;
    }

    @Override
    public Wanted wanted() {
      return parse(after);
    }

    @Override
    public void begin(String run, long next) {
      Metadata headers = new Metadata();
      headers.put(RUN, run);
      headers.put(NEXT, Long.toString(next));
      sent = true;
      super.sendHeaders(headers);
    }

    @Override
    public void sendHeaders(Metadata headers) {
      if (!sent) {
        sent = true;
        super.sendHeaders(headers);
      }
    }
  }
}
