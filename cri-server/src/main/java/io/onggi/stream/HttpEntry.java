package io.onggi.stream;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The first and only HTTP request of a connection: finds what its token stands for, upgrades. */
final class HttpEntry extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final int RETRY_SECONDS = 5;

  private final Tokens tokens;
  private final Sessions sessions;
  private final StreamTargets targets;
  private final StreamLimits limits;
  private final StreamMemory memory;

  HttpEntry(
      Tokens tokens,
      Sessions sessions,
      StreamTargets targets,
      StreamLimits limits,
      StreamMemory memory) {
    this.tokens = tokens;
    this.sessions = sessions;
    this.targets = targets;
    this.limits = limits;
    this.memory = memory;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
    if (!request.decoderResult().isSuccess()) {
      refuse(context, HttpResponseStatus.BAD_REQUEST, "this is no HTTP request");
      return;
    }
    if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.POST)) {
      refuse(context, HttpResponseStatus.METHOD_NOT_ALLOWED, "GET or POST, please");
      return;
    }
    if (!sessions.enter(context.channel())) {
      refuse(
          context,
          HttpResponseStatus.TOO_MANY_REQUESTS,
          limits.sessions() + " streaming sessions run already; the URL stays good, try again");
      return;
    }
    Optional<StreamRequest> found = take(request.uri());
    if (found.isEmpty()) {
      refuse(
          context,
          HttpResponseStatus.NOT_FOUND,
          "this URL is unknown, was used before or is too old; ask the CRI for a new one");
      return;
    }
    new Upgrade(context, targets, limits, memory).go(request, found.get());
  }

  /** {@code /VERB/TOKEN}, a query is ignored. */
  private Optional<StreamRequest> take(String uri) {
    int query = uri.indexOf('?');
    String[] parts = (query < 0 ? uri : uri.substring(0, query)).split("/", -1);
    return parts.length == 3 && parts[0].isEmpty()
        ? tokens.take(parts[1], parts[2])
        : Optional.empty();
  }

  static void refuse(ChannelHandlerContext context, HttpResponseStatus status, String why) {
    byte[] body = (why + "\n").getBytes(StandardCharsets.UTF_8);
    FullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(body));
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
        .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    if (status.equals(HttpResponseStatus.TOO_MANY_REQUESTS)) {
      response.headers().set(HttpHeaderNames.RETRY_AFTER, RETRY_SECONDS);
    }
    var _ = context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    var _ = context.close();
  }
}
