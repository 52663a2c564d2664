package io.onggi.daemon.cli;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.onggi.daemon.Version;
import io.onggi.proto.ImageServiceGrpc;
import io.onggi.proto.admin.AdminGrpc;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/** {@code onggi}: the operator's program. Exit status 0 done, 1 failed, 2 wrongly called. */
public final class Onggi {
  private static final String USAGE =
      """
      onggi [--socket PATH] COMMAND     (default socket /run/onggi/onggi.sock)

        load IMAGE.tar       put the images of a docker-archive or OCI-layout tar into the store
        images               list the images of this node
        plan CONTAINER       its launch plan, step by step, with the time each step took
        explain CONTAINER    the same container as the commands a person would have typed
        events               what happened lately and what happens, a line each, until interrupted
        doctor               compare what the daemon owns with the kernel; status 0: no difference
        selftest IMAGE COMMAND EXEC
                             run one pod through its whole life and time each call; quote COMMAND
                             (keeps running) and EXEC (ends with status 0)
        version              print the version
      """;

  private static final int OK = 0;
  private static final int FAILED = 1;
  private static final int WRONG_USE = 2;

  private Onggi() {}

  public static void main(String[] typed) {
    LogManager.getLogManager().reset();
    Logger.getLogger("").setLevel(Level.SEVERE);
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    PrintStream err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    int status;
    try {
      status = run(Arguments.parse(Arrays.asList(typed)), out, err);
    } catch (IllegalArgumentException e) {
      err.println("onggi: " + e.getMessage());
      status = WRONG_USE;
    }
    System.exit(status);
  }

  private static int run(Arguments arguments, PrintStream out, PrintStream err) {
    return switch (arguments.command()) {
      case "", "help", "--help", "-h" -> {
        out.print(USAGE);
        yield arguments.command().isEmpty() ? WRONG_USE : OK;
      }
      case "version", "--version" -> {
        out.println("onggi " + Version.TEXT);
        yield OK;
      }
      case "load", "images", "plan", "explain", "events", "doctor", "selftest" ->
          call(arguments, out, err);
      default ->
          throw new IllegalArgumentException(
              "no command \"" + arguments.command() + "\"; onggi help lists them");
    };
  }

  private static int call(Arguments arguments, PrintStream out, PrintStream err) {
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(arguments.socket().toFile()))
            .channelType(EpollDomainSocketChannel.class)
            .eventLoopGroup(loop)
            .usePlaintext()
            .overrideAuthority("localhost")
            .build();
    Commands commands =
        new Commands(
            AdminGrpc.newBlockingStub(channel), ImageServiceGrpc.newBlockingStub(channel), out);
    try {
      return switch (arguments.command()) {
        case "load" -> commands.load(arguments.only("file"));
        case "plan" -> commands.plan(arguments.only("container id"));
        case "explain" -> commands.explain(arguments.only("container id"));
        case "doctor" -> commands.doctor();
        case "events" -> new EventLines(channel, out).follow();
        case "selftest" -> {
          List<String> words = arguments.exactly(3, "IMAGE COMMAND EXEC");
          yield new SelfTest(channel, out).run(words.get(0), words.get(1), words.get(2));
        }
        default -> commands.images();
      };
    } catch (StatusRuntimeException e) {
      err.println("onggi: " + sentence(e, arguments));
      return FAILED;
    } finally {
      channel.shutdownNow();
      var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }

  private static String sentence(StatusRuntimeException e, Arguments arguments) {
    String description = e.getStatus().getDescription();
    String message = description == null ? String.valueOf(e.getMessage()) : description;
    return switch (e.getStatus().getCode()) {
      case UNAVAILABLE ->
          "no daemon answers on " + arguments.socket() + "; is onggid running? see --socket";
      default -> message;
    };
  }
}
