package io.onggi.stream;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyVersion;
import io.onggi.launch.ExecSession;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Turns an HTTP connection into a session of the protocol that both sides speak. */
final class Upgrade {
  private static final String SPDY = "SPDY/3.1";
  private static final String VERSIONS = "X-Stream-Protocol-Version";
  private static final String PORT_FORWARD = "portforward.k8s.io";
  private static final String TUNNEL = SPDY + "+" + PORT_FORWARD;

  /** Streams of a session are opened with a few short headers. */
  private static final int MAX_HEADERS = 16 << 10;

  private static final int MAX_DATA = 16 << 10;
  private static final int MAX_MESSAGE = 1 << 20;

  private final ChannelHandlerContext context;
  private final Channel channel;
  private final StreamTargets targets;
  private final StreamLimits limits;
  private final StreamMemory memory;

  Upgrade(
      ChannelHandlerContext context,
      StreamTargets targets,
      StreamLimits limits,
      StreamMemory memory) {
    this.context = context;
    this.channel = context.channel();
    this.targets = targets;
    this.limits = limits;
    this.memory = memory;
  }

  void go(FullHttpRequest http, StreamRequest request) {
    String wanted = http.headers().get(HttpHeaderNames.UPGRADE, "");
    if (wanted.equalsIgnoreCase(SPDY)) {
      spdy(http, request);
    } else if (wanted.equalsIgnoreCase("websocket")) {
      webSocket(http, request);
    } else {
      HttpEntry.refuse(
          context,
          HttpResponseStatus.BAD_REQUEST,
          "streaming needs an upgrade to " + SPDY + " or websocket, not \"" + wanted + "\"");
    }
  }

  // SPDY

  private void spdy(FullHttpRequest http, StreamRequest request) {
    List<String> offered = values(http, VERSIONS);
    Optional<String> chosen = chooseSpdy(request, offered);
    if (chosen.isEmpty()) {
      HttpEntry.refuse(
          context,
          HttpResponseStatus.FORBIDDEN,
          "none of the stream protocols " + offered + " is known for " + request.verb());
      return;
    }
    FullHttpResponse answer =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
    answer
        .headers()
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE)
        .set(HttpHeaderNames.UPGRADE, SPDY);
    if (!chosen.get().isEmpty()) {
      answer.headers().set(VERSIONS, chosen.get());
    }
    var _ = context.writeAndFlush(answer);
    ChannelPipeline pipeline = channel.pipeline();
    Link link = new Link(channel, memory, limits.closing());
    addSpdy(pipeline, link, owner(request, chosen.get(), link));
    StreamServer.dropHttp(pipeline);
  }

  private static Optional<String> chooseSpdy(StreamRequest request, List<String> offered) {
    List<String> known =
        switch (request) {
          case StreamRequest.PortForward _ -> List.of(PORT_FORWARD);
          case StreamRequest.Exec _, StreamRequest.Attach _ ->
              List.of(
                  "v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io");
        };
    return offered.isEmpty()
        ? Optional.of("")
        : offered.stream().filter(known::contains).findFirst();
  }

  private static int version(String protocol) {
    return protocol.startsWith("v") ? protocol.charAt(1) - '0' : 1;
  }

  private static void addSpdy(ChannelPipeline pipeline, Link link, SpdyConnection.Owner owner) {
    SpdyConnection connection = new SpdyConnection(link, owner);
    if (owner instanceof PortForwards forwards) {
      forwards.forgetting(connection::forget);
    }
    SpdyFrameCodec codec =
        new SpdyFrameCodec(SpdyVersion.SPDY_3_1, MAX_DATA, MAX_HEADERS, 6, 15, 8);
    pipeline.addLast(codec).addLast(link).addLast(connection);
    link.framesGoBelow(pipeline.context(codec));
  }

  private SpdyConnection.Owner owner(StreamRequest request, String protocol, Link link) {
    return switch (request) {
      case StreamRequest.Exec exec -> command(exec.streams(), protocol, link, starter(request));
      case StreamRequest.Attach attach ->
          command(attach.streams(), protocol, link, starter(request));
      case StreamRequest.PortForward forward ->
          new PortForwards(forward.sandbox(), targets, link, this::afterCreation);
    };
  }

  /** What begins when the client is ready for it; returns at once. */
  private Consumer<CommandClient> starter(StreamRequest request) {
    return switch (request) {
      case StreamRequest.Exec exec ->
          client -> Link.start(new DirectRun(exec.verb(), () -> targets.exec(exec), client)::start);
      case StreamRequest.Attach attach ->
          client -> {
            Supplier<ExecSession> opener = () -> targets.attach(attach);
            Link.start(new CommandRun(attach.verb(), attach.streams(), opener, client)::run);
          };
      case StreamRequest.PortForward forward ->
          throw new IllegalArgumentException(forward + " has no process");
    };
  }

  private SpdyCommand command(
      StreamSet streams, String protocol, Link link, Consumer<CommandClient> starter) {
    SpdyCommand command = new SpdyCommand(link, streams, version(protocol), starter::accept);
    afterCreation(
        () -> {
          if (!command.isComplete()) {
            link.close();
          }
        });
    return command;
  }

  private void afterCreation(Runnable work) {
    var _ = channel.eventLoop().schedule(work, limits.creation().toNanos(), TimeUnit.NANOSECONDS);
  }

  // WebSocket

  private void webSocket(FullHttpRequest http, StreamRequest request) {
    List<String> offered = values(http, HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL.toString());
    switch (request) {
      case StreamRequest.Exec _, StreamRequest.Attach _ ->
          webSocketCommand(http, offered, starter(request));
      case StreamRequest.PortForward forward -> {
        if (!offered.contains(TUNNEL)) {
          refuseProtocols(offered, TUNNEL);
        } else if (handshake(http, TUNNEL)) {
          Link link = new Link(channel, memory, limits.closing());
          channel.pipeline().addLast(new WebSocketTunnel());
          addSpdy(channel.pipeline(), link, owner(forward, PORT_FORWARD, link));
          channel.pipeline().remove(HttpEntry.class);
        }
      }
    }
  }

  private void webSocketCommand(
      FullHttpRequest http, List<String> offered, Consumer<CommandClient> starter) {
    Optional<WebSocketForm> form = WebSocketForm.choose(offered);
    if (form.isEmpty()) {
      refuseProtocols(offered, "v5.channel.k8s.io");
      return;
    }
    if (!handshake(http, form.get().name())) {
      return;
    }
    Link link = new Link(channel, memory, limits.closing());
    WebSocketCommand client = new WebSocketCommand(link, form.get());
    if (form.get().base64()) {
      channel.pipeline().addLast(new WebSocketFrameAggregator(MAX_MESSAGE));
    }
    channel.pipeline().addLast(link).addLast(client);
    channel.pipeline().remove(HttpEntry.class);
    client.greet();
    starter.accept(client);
  }

  private void refuseProtocols(List<String> offered, String known) {
    HttpEntry.refuse(
        context,
        HttpResponseStatus.BAD_REQUEST,
        "none of the WebSocket subprotocols " + offered + " is known here; try " + known);
  }

  private boolean handshake(FullHttpRequest http, String protocol) {
    WebSocketDecoderConfig config =
        WebSocketDecoderConfig.newBuilder()
            .maxFramePayloadLength(MAX_MESSAGE)
            .allowExtensions(false)
            .withUTF8Validator(false)
            .build();
    WebSocketServerHandshaker handshaker =
        new WebSocketServerHandshakerFactory(
                http.uri(), protocol.isEmpty() ? null : protocol, config)
            .newHandshaker(http);
    if (handshaker == null) {
      var _ = WebSocketServerHandshakerFactory.sendUnsupportedVersionResponse(channel);
      return false;
    }
    var _ = handshaker.handshake(channel, http);
    return true;
  }

  /** Every value of a header that may be repeated, or hold several with commas between. */
  private static List<String> values(FullHttpRequest http, String header) {
    return http.headers().getAll(header).stream()
        .flatMap(line -> Arrays.stream(line.split(",")))
        .map(String::strip)
        .filter(value -> !value.isEmpty())
        .toList();
  }
}
