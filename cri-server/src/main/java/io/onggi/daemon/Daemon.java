package io.onggi.daemon;

import io.onggi.cgroup.CgroupPath;
import io.onggi.cgroup.Cgroups;
import io.onggi.container.ContainerExits;
import io.onggi.container.ContainerLayout;
import io.onggi.container.Containers;
import io.onggi.container.CreateContainer;
import io.onggi.container.ExecPlans;
import io.onggi.container.ExecSync;
import io.onggi.container.OciSpecs;
import io.onggi.container.PodContainers;
import io.onggi.container.PodEvents;
import io.onggi.container.RemoveContainer;
import io.onggi.container.ReopenLog;
import io.onggi.container.SandboxView;
import io.onggi.container.SpecEdits;
import io.onggi.container.StartContainer;
import io.onggi.container.StopContainer;
import io.onggi.container.UpdateContainer;
import io.onggi.container.UserNamespaceProbe;
import io.onggi.container.cdi.CdiEdit;
import io.onggi.container.cdi.CdiSpecs;
import io.onggi.daemon.config.DaemonConfig;
import io.onggi.image.ImageSettings;
import io.onggi.image.Images;
import io.onggi.launch.Failpoints;
import io.onggi.launch.IdleProcess;
import io.onggi.launch.MountProbe;
import io.onggi.launch.NativeMountProbe;
import io.onggi.launch.NativeShimLauncher;
import io.onggi.launch.ShimBinary;
import io.onggi.launch.ShimConnector;
import io.onggi.launch.ShimLauncher;
import io.onggi.launch.SocketShims;
import io.onggi.linux.ChildReaper;
import io.onggi.network.IpPrefix;
import io.onggi.network.PodNetwork;
import io.onggi.network.bridge.BridgeConfig;
import io.onggi.network.bridge.BridgeNetwork;
import io.onggi.network.cni.ChosenNetwork;
import io.onggi.network.cni.CniNetwork;
import io.onggi.network.cni.CniSettings;
import io.onggi.network.cni.PluginPrograms;
import io.onggi.recovery.Doctor;
import io.onggi.recovery.Recovery;
import io.onggi.rpc.AdminRpc;
import io.onggi.rpc.CriServer;
import io.onggi.rpc.EventCalls;
import io.onggi.rpc.Explanation;
import io.onggi.rpc.ImageRpc;
import io.onggi.rpc.MetricCalls;
import io.onggi.rpc.NodeStatus;
import io.onggi.rpc.RuntimeRpc;
import io.onggi.rpc.RuntimeVerbs;
import io.onggi.rpc.StatsCalls;
import io.onggi.rpc.VerboseInfo;
import io.onggi.sandbox.LinuxSandboxKernel;
import io.onggi.sandbox.PodCgroups;
import io.onggi.sandbox.RemoveSandbox;
import io.onggi.sandbox.RunSandbox;
import io.onggi.sandbox.SandboxKernel;
import io.onggi.sandbox.SandboxLayout;
import io.onggi.sandbox.Sandboxes;
import io.onggi.sandbox.StopSandbox;
import io.onggi.sandbox.Timelines;
import io.onggi.sandbox.Trash;
import io.onggi.sandbox.UpdateSandbox;
import io.onggi.stats.ContainerReadings;
import io.onggi.stats.MetricReadings;
import io.onggi.stats.PodReadings;
import io.onggi.stats.WritableLayers;
import io.onggi.store.IdSource;
import io.onggi.store.Journal;
import io.onggi.store.Ledger;
import io.onggi.store.RecordJson;
import io.onggi.stream.KernelTargets;
import io.onggi.stream.StreamLimits;
import io.onggi.stream.Streams;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;

/** Every object of the daemon, built once, by hand, in the order of the layers. */
public final class Daemon implements AutoCloseable {
  private static final int RUN_DIGITS = 8;
  private static final Duration SHIM_ANSWER = Duration.ofSeconds(10);

  private final Deque<AutoCloseable> closeables = new ArrayDeque<>();

  private Daemon() {}

  /**
   * Recovers what an earlier daemon left, then serves.
   *
   * @throws io.onggi.error.CriException when the node lacks something, or another daemon holds the
   *     folders or the socket
   */
  public static Daemon start(DaemonConfig config) {
    Daemon daemon = new Daemon();
    try {
      daemon.wire(config);
      return daemon;
    } catch (RuntimeException e) {
      daemon.close();
      throw e;
    }
  }

  private void wire(DaemonConfig config) {
    Path root = config.storage().root();
    Path state = config.storage().state();
    Folders.prepare(config);
    InstantSource clock = InstantSource.system();
    IdSource ids = IdSource.random();
    Journal journal = own(Journal.open(root.resolve("journal"), Journal.Options.ofThisBoot(true)));
    SocketOwner.refuseIfTaken(config.server().socket());
    Ledger ledger = new Ledger(journal);
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    own(timer::shutdownNow);
    RestingHeap heap = new RestingHeap(System::nanoTime, System::gc);
    heap.watch(timer);
    ShimConnector connector = new SocketShims(timer, SHIM_ANSWER);
    ShimBinary binary = own(ShimBinary.open(Folders.shimProgram()));
    ChildReaper reaper = own(new ChildReaper());
    Launchers launchers = launchers(binary, reaper);
    ShimLauncher launcher = launchers.shims();
    Cgroups cgroups =
        NodeCgroups.open(
            config.cgroup(), ledger, () -> IdleProcess.start(binary, reaper), this::own);
    PodCgroups podCgroups =
        new PodCgroups(cgroups, cgroups.driver().root(CgroupPath.of(config.cgroup().root())));
    BridgeNetwork builtIn =
        own(
            new BridgeNetwork(
                BridgeConfig.of(
                    config.network().bridge(),
                    List.of(IpPrefix.parse(config.network().podCidr())),
                    state.resolve("leases"))));
    CniNetwork configured =
        own(
            new CniNetwork(
                CniSettings.of(config.network().cniConfigurations(), root.resolve("cni")),
                new PluginPrograms(config.network().cniPlugins()),
                timer));
    PodNetwork network = new ChosenNetwork(builtIn, configured);
    Images images =
        own(
            Images.open(
                ImageSettings.of(root.resolve("images"), config.image().registryConfig()), clock));

    SandboxLayout sandboxLayout = new SandboxLayout(state);
    SandboxKernel kernel =
        new LinuxSandboxKernel(sandboxLayout, network, launcher, connector, podCgroups);
    PodEvents events = new PodEvents(clock);
    Sandboxes sandboxes =
        new Sandboxes(
            journal,
            change -> {
              heap.touched();
              events.sandboxChanged(change);
            });
    Containers containers =
        new Containers(
            journal,
            change -> {
              heap.touched();
              events.containerChanged(change);
            });
    ContainerLayout layout = new ContainerLayout(root, state);
    Timelines timelines = new Timelines(clock, System::nanoTime);
    OciSpecs specs = new OciSpecs(layout);
    CdiSpecs cdi = new CdiSpecs(config.cdi().specDirs());
    ExecutorService sweeper =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("trash").factory());
    own(sweeper::shutdownNow);
    Trash dataTrash = new Trash(root.resolve("trash"), sweeper);
    Trash stateTrash = new Trash(state.resolve("trash"), sweeper);
    dataTrash.empty();
    stateTrash.empty();
    ContainerExits exits = new ContainerExits(containers, cgroups, layout, connector, clock);
    StopContainer stop = new StopContainer(containers, exits, layout, connector, cgroups);
    RemoveContainer remove =
        new RemoveContainer(
            containers, stop, exits, cgroups, images, layout, dataTrash, stateTrash, specs);
    PodContainers members = new PodContainers(containers, stop, remove);
    StopSandbox stopSandbox = new StopSandbox(sandboxes, members, kernel, clock);
    ExecPlans plans = new ExecPlans(cgroups, specs);

    new Recovery(
            sandboxes,
            containers,
            images,
            exits,
            remove,
            cgroups,
            kernel,
            sandboxLayout,
            layout,
            ledger,
            clock)
        .recover(journal.fromAnotherBoot());
    cgroups.sweepParents();
    journal.adoptBoot();
    Set<String> live =
        sandboxes.list().stream()
            .filter(s -> s.ready())
            .map(s -> s.id().value())
            .collect(Collectors.toSet());
    builtIn.reconcile(live);
    configured.reconcile(live);

    WritableLayers layers = layers(layout, clock);
    RuntimeVerbs verbs =
        new RuntimeVerbs(
            sandboxes,
            new RunSandbox(sandboxes, kernel, sandboxLayout, ledger, ids, clock, timelines),
            stopSandbox,
            new RemoveSandbox(sandboxes, stopSandbox, members, sandboxLayout, ledger, stateTrash),
            new UpdateSandbox(sandboxes, podCgroups),
            containers,
            new CreateContainer(
                containers,
                sandboxes,
                new SandboxView(sandboxLayout, containers),
                images,
                launchers.probe(),
                specs,
                new SpecEdits(List.of(new CdiEdit(cdi))),
                layout,
                cgroups,
                podCgroups,
                ids,
                clock),
            new StartContainer(
                containers,
                sandboxes,
                images,
                cgroups,
                layout,
                launcher,
                exits,
                timelines,
                specs,
                clock),
            stop,
            remove,
            new UpdateContainer(containers, cgroups),
            new ExecSync(containers, plans, layout, connector),
            new ReopenLog(containers, layout, connector),
            network,
            stats(sandboxes, containers, cgroups, layers, clock),
            new MetricCalls(
                new MetricReadings(
                    sandboxes, containers, cgroups, layers, clock, System::nanoTime)),
            new EventCalls(events.hub(), ids.next().substring(0, RUN_DIGITS)),
            own(
                Streams.start(
                    new KernelTargets(
                        sandboxes, sandboxLayout, containers, layout, plans, connector),
                    StreamLimits.defaults(),
                    clock)));
    UserNamespaceProbe userNamespaces = new UserNamespaceProbe(launcher, connector, root, state);
    Doctor doctor =
        new Doctor(sandboxes, containers, kernel, network, cgroups, sandboxLayout, layout, cdi);
    own(
        CriServer.start(
            config.server().socket(),
            List.of(
                new RuntimeRpc(
                    verbs,
                    new NodeStatus(
                        Version.TEXT,
                        RecordJson.pretty(config),
                        new NodeStatus.Node(network, cgroups, cdi, userNamespaces::obstacle)),
                    new VerboseInfo(sandboxLayout, layout, specs, timelines),
                    clock),
                new ImageRpc(images, clock),
                new AdminRpc(
                    images,
                    sandboxes,
                    containers,
                    new Explanation(sandboxLayout, cgroups, config.network().bridge()),
                    layout,
                    timelines,
                    doctor))));
    own(events); // closed before the server, which waits for the streams to end
  }

  private WritableLayers layers(ContainerLayout layout, InstantSource clock) {
    ExecutorService walks =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("layer-sizes").factory());
    own(walks::shutdownNow);
    return new WritableLayers(layout, clock, System::nanoTime, walks);
  }

  private static StatsCalls stats(
      Sandboxes sandboxes,
      Containers containers,
      Cgroups cgroups,
      WritableLayers layers,
      InstantSource clock) {
    ContainerReadings readings =
        new ContainerReadings(containers, cgroups, layers, clock, System::nanoTime);
    return new StatsCalls(
        readings, new PodReadings(sandboxes, readings, cgroups, clock, System::nanoTime));
  }

  private Launchers launchers(ShimBinary binary, ChildReaper reaper) {
    ExecutorService platform =
        Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("native-", 0).factory());
    own(platform::shutdownNow);
    return new Launchers(
        new NativeShimLauncher(binary, reaper, platform, Failpoints.none()),
        new NativeMountProbe(binary, reaper, platform));
  }

  private record Launchers(ShimLauncher shims, MountProbe probe) {}

  private <T extends AutoCloseable> T own(T closeable) {
    closeables.push(closeable);
    return closeable;
  }

  /** Ends serving; every container, its log and its shim go on. */
  @Override
  public void close() {
    RuntimeException first = null;
    while (!closeables.isEmpty()) {
      try {
        closeables.pop().close();
      } catch (Exception e) {
        if (first == null) {
          first = new IllegalStateException("closing the daemon: " + e.getMessage(), e);
        } else {
          first.addSuppressed(e);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
