package io.onggi.rpc;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.onggi.error.CriException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** The gRPC server on a unix socket of mode 0600. One virtual thread a call. */
public final class CriServer implements AutoCloseable {
  /** CRI's own bound on a message. */
  private static final int MAX_MESSAGE = 16 << 20;

  private static final int CLOSE_SECONDS = 5;

  private final Server server;
  private final EventLoopGroup loop;
  private final ExecutorService calls;
  private final Path socket;

  private CriServer(Server server, EventLoopGroup loop, ExecutorService calls, Path socket) {
    this.server = server;
    this.loop = loop;
    this.calls = calls;
    this.socket = socket;
  }

  /**
   * Binds the socket and serves. The caller has made sure that nobody else listens on it.
   *
   * @throws CriException.Unavailable when the socket cannot be bound
   */
  public static CriServer start(Path socket, List<BindableService> services) {
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .channelType(EpollServerDomainSocketChannel.class)
            .bossEventLoopGroup(loop)
            .workerEventLoopGroup(loop)
            .executor(calls)
            .maxInboundMessageSize(MAX_MESSAGE);
    Edge.around(services).forEach(builder::addService);
    try {
      Files.deleteIfExists(socket);
      Server server = builder.build().start();
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
      return new CriServer(server, loop, calls, socket);
    } catch (IOException e) {
      var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      calls.shutdownNow();
      throw new CriException.Unavailable(
          "cannot listen on " + socket + ": " + e.getMessage() + "; choose another --socket", e);
    }
  }

  /** Ends serving: calls that run get five seconds. Containers are not touched. */
  @Override
  public void close() {
    server.shutdown();
    try {
      if (!server.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        server.shutdownNow();
      }
      Files.deleteIfExists(socket);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new CriException.Internal("removing " + socket + ": " + e, e);
    } finally {
      var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      calls.shutdown(); // never interrupted: what is cut off by the exit is recovered as after a
      // kill
    }
  }
}
