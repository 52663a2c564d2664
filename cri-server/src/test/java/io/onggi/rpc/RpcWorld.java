package io.onggi.rpc;

import io.grpc.CallOptions;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCalls;
import io.onggi.cgroup.CgroupPath;
import io.onggi.cgroup.FakeCgroups;
import io.onggi.cgroup.Limits;
import io.onggi.container.Container;
import io.onggi.container.ContainerWorld;
import io.onggi.error.CriException;
import io.onggi.image.Image;
import io.onggi.network.Attachment;
import io.onggi.proto.ImageServiceGrpc;
import io.onggi.proto.RuntimeServiceGrpc;
import io.onggi.sandbox.Sandbox;
import io.onggi.stats.ContainerReadings;
import io.onggi.stats.MetricReadings;
import io.onggi.stats.PodReadings;
import io.onggi.stats.WritableLayers;
import io.onggi.store.Owned;
import io.onggi.stream.KernelTargets;
import io.onggi.stream.StreamLimits;
import io.onggi.stream.Streams;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Both services of the CRI as a client meets them, by gRPC and with what stands between: the real
 * verbs over shims, cgroups, network and sandbox kernel in memory, files in a temporary folder. No
 * registry answers: a pull fails at once.
 */
public final class RpcWorld implements AutoCloseable {
  private static final int CLOSE_SECONDS = 10;

  public final ContainerWorld world;
  public final FakeCgroups cgroups;
  public final RuntimeServiceGrpc.RuntimeServiceBlockingStub runtime;
  public final ImageServiceGrpc.ImageServiceBlockingStub images;

  private final Streams streams;
  private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
  private final Server server;
  private final ManagedChannel channel;

  public RpcWorld(Path folder) {
    noRegistry(folder);
    cgroups = new FakeCgroups(folder.resolve("cgroup"));
    world = new ContainerWorld(folder, Map.of("User", "app"), cgroups);
    streams =
        Streams.start(
            new KernelTargets(
                world.sandboxes,
                world.sandboxLayout,
                world.containers,
                world.layout,
                world.plans,
                world.shims),
            StreamLimits.defaults(),
            world.clock);
    String name = InProcessServerBuilder.generateName();
    server =
        started(
            InProcessServerBuilder.forName(name)
                .executor(calls)
                .addServices(
                    Edge.around(
                        List.of(
                            new RuntimeRpc(
                                verbs(),
                                new NodeStatus(
                                    "0.0.0", "{}", world.network, cgroups, Optional::empty),
                                new VerboseInfo(
                                    world.sandboxLayout,
                                    world.layout,
                                    world.specs,
                                    world.timelines),
                                world.clock),
                            new ImageRpc(world.images, world.clock)))));
    channel = InProcessChannelBuilder.forName(name).maxInboundMessageSize(64 << 20).build();
    runtime = RuntimeServiceGrpc.newBlockingStub(channel);
    images = ImageServiceGrpc.newBlockingStub(channel);
  }

  private static Server started(InProcessServerBuilder builder) {
    try {
      return builder.build().start();
    } catch (IOException e) {
      throw new UncheckedIOException("starting the server", e);
    }
  }

  /** Whatever is pulled, nobody listens where it would come from. */
  private static void noRegistry(Path folder) {
    try {
      Path hosts = Files.createDirectories(folder.resolve("certs.d/_default"));
      Files.writeString(
          hosts.resolve("hosts.toml"),
          "server = \"http://127.0.0.1:1\"\n[host.\"http://127.0.0.1:1\"]\n");
    } catch (IOException e) {
      throw new UncheckedIOException("writing below " + folder, e);
    }
  }

  private RuntimeVerbs verbs() {
    WritableLayers layers =
        new WritableLayers(world.layout, world.clock, System::nanoTime, Runnable::run);
    ContainerReadings readings =
        new ContainerReadings(world.containers, cgroups, layers, world.clock, System::nanoTime);
    return new RuntimeVerbs(
        world.sandboxes,
        world.runSandbox,
        world.stopSandbox,
        world.removeSandbox,
        world.containers,
        world.create,
        world.start,
        world.stop,
        world.remove,
        world.update,
        world.exec,
        world.reopen,
        world.network,
        new StatsCalls(
            readings,
            new PodReadings(world.sandboxes, readings, cgroups, world.clock, System::nanoTime)),
        new MetricCalls(
            new MetricReadings(
                world.sandboxes, world.containers, cgroups, layers, world.clock, System::nanoTime)),
        new EventCalls(world.events.hub(), "0123abcd"),
        streams);
  }

  /**
   * One call of any RPC, to its end.
   *
   * @throws io.grpc.StatusRuntimeException as the client sees it
   */
  public <Q, A> List<A> call(MethodDescriptor<Q, A> rpc, Q request, long limitMillis) {
    CallOptions options =
        CallOptions.DEFAULT.withDeadline(Deadline.after(limitMillis, TimeUnit.MILLISECONDS));
    List<A> answers = new ArrayList<>();
    ClientCalls.blockingServerStreamingCall(channel, rpc, options, request)
        .forEachRemaining(answers::add);
    return answers;
  }

  /** By which calls may be made that no stub offers. */
  public ManagedChannel channel() {
    return channel;
  }

  /** All that the daemon owns; two that are equal: nothing was left behind. */
  public record Owns(
      List<Sandbox> sandboxes,
      List<Container> containers,
      List<Owned> ledger,
      Set<String> kernel,
      Map<String, Attachment> network,
      Map<CgroupPath, Limits> cgroups,
      List<String> images,
      Set<String> files) {}

  public Owns owns() {
    return new Owns(
        world.sandboxes.list(),
        world.containers.list(),
        world.ledger.all(),
        world.kernel.live(),
        world.network.attachments(),
        cgroups.live(),
        world.images.list().stream().map(Image::toString).sorted().toList(),
        files());
  }

  /** Paths below the folders; of the trash and the journal only that they are there. */
  private Set<String> files() {
    try (Stream<Path> found = Files.walk(world.folder)) {
      return found
          .map(p -> world.folder.relativize(p).toString())
          .filter(p -> !p.startsWith("journal/") && !p.startsWith("root/trash"))
          .filter(p -> !p.startsWith("images/"))
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (IOException e) {
      throw new UncheckedIOException("listing " + world.folder, e);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
    try {
      boolean ended =
          channel.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)
              && server.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
      if (!ended) {
        throw new CriException.Internal("the server does not end", null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      calls.shutdown();
      streams.close();
      world.close();
    }
  }
}
