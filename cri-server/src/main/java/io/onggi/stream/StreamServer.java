package io.onggi.stream;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.onggi.error.CriException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** Listens on a random port of the loopback. One event loop that never waits. */
final class StreamServer implements AutoCloseable {
  private static final String HTTP = "http";
  private static final String BODY = "body";
  private static final int MAX_BODY = 8 << 10;
  private static final int BACKLOG = 1024;

  /**
   * Of one connection, written and not yet taken by the kernel; above the high mark writers park.
   */
  private static final WriteBufferWaterMark MARKS = new WriteBufferWaterMark(32 << 10, 64 << 10);

  private final EventLoopGroup loop;
  private final Channel listener;
  private final Sessions sessions;
  private final StreamMemory memory;

  private StreamServer(
      EventLoopGroup loop, Channel listener, Sessions sessions, StreamMemory memory) {
    this.loop = loop;
    this.sessions = sessions;
    this.listener = listener;
    this.memory = memory;
  }

  /**
   * @throws CriException.Unavailable when no port of the loopback can be had
   */
  static StreamServer start(Tokens tokens, StreamTargets targets, StreamLimits limits) {
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    Sessions sessions = new Sessions(limits.sessions());
    // Direct: what comes from a descriptor goes to another without a copy into the heap.
    ByteBufAllocator direct = new UnpooledByteBufAllocator(true);
    StreamMemory memory = new StreamMemory(direct);
    ServerBootstrap server =
        new ServerBootstrap()
            .group(loop)
            .channel(EpollServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.ALLOCATOR, direct)
            .childOption(ChannelOption.RECVBUF_ALLOCATOR, new ReadSizes(memory))
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, MARKS)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    HttpEntry entry = new HttpEntry(tokens, sessions, targets, limits, memory);
                    wire(channel.pipeline(), limits, entry);
                  }
                });
    var bound = server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    if (!bound.awaitUninterruptibly().isSuccess()) {
      var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      throw new CriException.Unavailable(
          "cannot listen on 127.0.0.1 for streaming: " + bound.cause(), bound.cause());
    }
    return new StreamServer(loop, bound.channel(), sessions, memory);
  }

  static void wire(ChannelPipeline pipeline, StreamLimits limits, HttpEntry entry) {
    long idle = limits.idle().toMillis();
    pipeline
        .addLast(new ReadGate())
        .addLast(new IdleStateHandler(0, 0, idle, TimeUnit.MILLISECONDS))
        .addLast(new CloseWhenIdle())
        .addLast(HTTP, new HttpServerCodec())
        .addLast(BODY, new HttpObjectAggregator(MAX_BODY))
        .addLast(entry);
    Channel channel = pipeline.channel();
    var _ =
        channel
            .eventLoop()
            .schedule(
                () -> closeIfSilent(pipeline), limits.creation().toNanos(), TimeUnit.NANOSECONDS);
  }

  /** A client that connects and never asks. */
  private static void closeIfSilent(ChannelPipeline pipeline) {
    if (pipeline.get(HttpEntry.class) != null) {
      var _ = pipeline.close();
    }
  }

  static void dropHttp(ChannelPipeline pipeline) {
    pipeline.remove(BODY);
    pipeline.remove(HttpEntry.class);
    pipeline.remove(HTTP);
  }

  private static final class CloseWhenIdle extends ChannelInboundHandlerAdapter {
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof IdleStateEvent) {
        var _ = context.close();
      } else {
        context.fireUserEventTriggered(event);
      }
    }
  }

  StreamMemory memory() {
    return memory;
  }

  int sessions() {
    return sessions.running();
  }

  int port() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  /** Ends every session. */
  @Override
  public void close() {
    var _ = listener.close();
    var _ = loop.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    memory.close();
  }
}
