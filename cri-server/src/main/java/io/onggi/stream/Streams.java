package io.onggi.stream;

import java.time.InstantSource;

/** Hands out URLs for streams and serves those who come with one. */
public final class Streams implements AutoCloseable {
  private final Tokens tokens;
  private final StreamTargets targets;
  private final StreamServer server;

  private Streams(Tokens tokens, StreamTargets targets, StreamServer server) {
    this.tokens = tokens;
    this.targets = targets;
    this.server = server;
  }

  /**
   * Listens on the loopback.
   *
   * @throws io.onggi.error.CriException.Unavailable when it cannot
   */
  public static Streams start(StreamTargets targets, StreamLimits limits, InstantSource clock) {
    Tokens tokens = new Tokens(clock, limits.tokenLife(), limits.pending());
    return new Streams(tokens, targets, StreamServer.start(tokens, targets, limits));
  }

  /**
   * A URL that works once, for {@link StreamLimits#tokenLife}.
   *
   * @throws io.onggi.error.CriException NotFound, FailedPrecondition when the target cannot be
   *     reached now, ResourceExhausted when too many URLs wait for their client
   */
  public String url(StreamRequest request) {
    StreamRequest whole = targets.check(request);
    return "http://127.0.0.1:" + server.port() + "/" + whole.verb() + "/" + tokens.put(whole);
  }

  /** Bytes that all connections hold together: read on one side and not yet taken on the other. */
  long heldBytes() {
    return server.memory().held();
  }

  /** Connections that run. */
  int sessions() {
    return server.sessions();
  }

  @Override
  public void close() {
    server.close();
  }
}
