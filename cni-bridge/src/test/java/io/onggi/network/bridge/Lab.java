package io.onggi.network.bridge;

import com.google.common.net.InetAddresses;
import io.onggi.linux.Namespaces;
import io.onggi.linux.Namespaces.Kind;
import io.onggi.linux.NetlinkSocket;
import io.onggi.network.IpPrefix;
import io.onggi.network.MacAddress;
import io.onggi.network.netlink.HostNetns;
import io.onggi.network.netlink.Link;
import io.onggi.network.netlink.NetlinkClient;
import io.onggi.network.netlink.RouteMessages;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Consumer;

/**
 * A node of its own for a test: a network namespace "node" with an uplink to another one "outside",
 * and as many pod namespaces as wanted. All of it goes on close.
 */
final class Lab implements Closeable {
  static final String NODE_ADDRESS = "192.0.2.1";
  static final String OUTSIDE_ADDRESS = "192.0.2.2";
  private static final int PATIENCE_MILLIS = 3000;

  private final Path directory;
  private final Deque<Closeable> made = new ConcurrentLinkedDeque<>();
  final Path node;
  final Path outside;

  Lab(Path directory) {
    this.directory = directory;
    node = netns("node");
    outside = netns("outside");
    int outsideFd = Namespaces.openDescriptor(outside);
    inNode(
        client -> {
          var pair =
              new RouteMessages.VethPair(
                  "uplink", 0, 1400, "eth0", outsideFd, new MacAddress(0x0a0000000002L));
          client.execute(RouteMessages.addVeth(pair));
          up(client, "uplink", NODE_ADDRESS + "/24");
        });
    Namespaces.closeDescriptor(outsideFd);
    in(outside, client -> up(client, "eth0", OUTSIDE_ADDRESS + "/24"));
    inNode(
        client ->
            client.execute(
                RouteMessages.addDefaultRoute(
                    address(OUTSIDE_ADDRESS),
                    RouteMessages.findLink(client, "uplink").orElseThrow().index())));
  }

  private static void up(NetlinkClient client, String name, String address) {
    Link link = RouteMessages.findLink(client, name).orElseThrow();
    client.execute(
        List.of(
            RouteMessages.setUp(1, "lo"),
            RouteMessages.setUp(link.index(), name),
            RouteMessages.addAddress(link.index(), name, IpPrefix.parse(address))));
  }

  HostNetns host() {
    return HostNetns.at(node);
  }

  Path leases(String name) {
    return directory.resolve("leases-" + name);
  }

  Path netns(String name) {
    Path pin = directory.resolve("net-" + name);
    Namespaces.create(Set.of(Kind.NET), Map.of(Kind.NET, pin), Optional.empty(), Map.of());
    made.push(() -> Namespaces.unpin(pin));
    return pin;
  }

  List<Link> links(Path netns) {
    return Namespaces.callIn(
        netns,
        () -> {
          try (NetlinkClient client = open()) {
            return RouteMessages.allLinks(client);
          }
        });
  }

  void inNode(Consumer<NetlinkClient> work) {
    in(node, work);
  }

  static void in(Path netns, Consumer<NetlinkClient> work) {
    boolean _ =
        Namespaces.callIn(
            netns,
            () -> {
              try (NetlinkClient client = open()) {
                work.accept(client);
              }
              return true;
            });
  }

  private static NetlinkClient open() {
    return new NetlinkClient(NetlinkSocket.open(NetlinkSocket.ROUTE, Duration.ofSeconds(5)));
  }

  static InetAddress address(String text) {
    return InetAddresses.forString(text);
  }

  /** A TCP server inside {@code netns} that answers each connection with "NAME sees PEER". */
  int tcpServer(Path netns, String name, int port) {
    ServerSocketChannel server =
        Namespaces.callIn(
            netns,
            () ->
                ServerSocketChannel.open(StandardProtocolFamily.INET)
                    .setOption(StandardSocketOptions.SO_REUSEADDR, true)
                    .bind(new InetSocketAddress(address("0.0.0.0"), port)));
    made.push(server);
    Thread _ = Thread.ofPlatform().daemon(true).start(() -> serve(server, name));
    return server.socket().getLocalPort();
  }

  private static void serve(ServerSocketChannel server, String name) {
    try {
      while (true) {
        try (SocketChannel peer = server.accept()) {
          peer.write(greeting(name, peer.getRemoteAddress()));
        }
      }
    } catch (ClosedChannelException _) {
      // The lab is closing.
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ByteBuffer greeting(String name, SocketAddress peer) {
    String ip = ((InetSocketAddress) peer).getAddress().getHostAddress();
    return StandardCharsets.UTF_8.encode(name + " sees " + ip);
  }

  /** A UDP server inside {@code netns} that answers as the TCP one. */
  void udpServer(Path netns, String name, int port) {
    DatagramChannel server =
        Namespaces.callIn(
            netns,
            () ->
                DatagramChannel.open(StandardProtocolFamily.INET)
                    .bind(new InetSocketAddress(address("0.0.0.0"), port)));
    made.push(server);
    Thread _ =
        Thread.ofPlatform()
            .daemon(true)
            .start(
                () -> {
                  try {
                    while (true) {
                      var peer = server.receive(ByteBuffer.allocate(64));
                      server.send(greeting(name, peer), peer);
                    }
                  } catch (ClosedChannelException _) {
                    // The lab is closing.
                  } catch (IOException e) {
                    throw new IllegalStateException(e);
                  }
                });
  }

  /** What the server at {@code ip:port} says to a client inside {@code netns}, or the error. */
  static String tcp(Path netns, InetAddress ip, int port) {
    return Namespaces.callIn(
        netns,
        () -> {
          try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.INET)) {
            channel.socket().connect(new InetSocketAddress(ip, port), PATIENCE_MILLIS);
            channel.socket().setSoTimeout(PATIENCE_MILLIS);
            try (InputStream in = channel.socket().getInputStream()) {
              return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
          } catch (IOException e) {
            return "error " + e.getMessage();
          }
        });
  }

  static String udp(Path netns, InetAddress ip, int port) {
    return Namespaces.callIn(
        netns,
        () -> {
          try (DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET)) {
            channel.connect(new InetSocketAddress(ip, port));
            channel.socket().setSoTimeout(PATIENCE_MILLIS);
            channel.socket().send(new DatagramPacket(new byte[1], 1));
            var answer = new DatagramPacket(new byte[64], 64);
            channel.socket().receive(answer);
            return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
          } catch (IOException e) {
            return "error " + e.getMessage();
          }
        });
  }

  /** Everything that `nft list ruleset` says inside the node. */
  String ruleset() throws IOException, InterruptedException {
    return nft("list", "ruleset");
  }

  /** Runs nft(8) inside the node; what it says. */
  String nft(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("nsenter", "--net=" + node, "nft"));
    command.addAll(List.of(words));
    Process nft = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text = new String(nft.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status = nft.waitFor();
    return status == 0 ? text : "nft failed with " + status + ": " + text;
  }

  static List<String> list(Path path) throws IOException {
    if (!Files.exists(path)) {
      return List.of();
    }
    try (var files = Files.list(path)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Override
  public void close() throws IOException {
    for (Closeable thing : made) {
      thing.close();
    }
  }
}
