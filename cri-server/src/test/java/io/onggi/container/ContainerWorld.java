package io.onggi.container;

import io.onggi.cgroup.CgroupPath;
import io.onggi.cgroup.Cgroups;
import io.onggi.cgroup.Limits;
import io.onggi.image.ImageSettings;
import io.onggi.image.Images;
import io.onggi.image.tar.TarBytes;
import io.onggi.launch.LaunchException;
import io.onggi.launch.LaunchFailure;
import io.onggi.launch.LaunchRequest;
import io.onggi.launch.LaunchStep;
import io.onggi.launch.testing.FakeShim;
import io.onggi.launch.testing.FakeShims;
import io.onggi.network.FakePodNetwork;
import io.onggi.sandbox.FakeSandboxKernel;
import io.onggi.sandbox.NamespaceMode;
import io.onggi.sandbox.NamespaceModes;
import io.onggi.sandbox.PodCgroups;
import io.onggi.sandbox.RemoveSandbox;
import io.onggi.sandbox.RunSandbox;
import io.onggi.sandbox.SandboxId;
import io.onggi.sandbox.SandboxLayout;
import io.onggi.sandbox.SandboxSpec;
import io.onggi.sandbox.SandboxSpecs;
import io.onggi.sandbox.Sandboxes;
import io.onggi.sandbox.StopSandbox;
import io.onggi.sandbox.Timelines;
import io.onggi.sandbox.Trash;
import io.onggi.store.IdSource;
import io.onggi.store.Journal;
import io.onggi.store.Ledger;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Every verb of the daemon over shims and a sandbox kernel in memory, a real image store in a
 * temporary folder, and cgroups of its own below one root on the real kernel.
 */
public final class ContainerWorld implements AutoCloseable {
  public static final Instant NOW = Instant.ofEpochSecond(1_800_000_000, 123_456_789);
  public static final String IMAGE = "docker.io/library/app:1";
  private static final String PASSWD =
      "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1001:App:/srv/app:/bin/sh\n";
  private static final String GROUP = "root:x:0:\nstaff:x:50:app,other\naudio:x:29:app\n";

  public final Path folder;
  public final InstantSource clock = InstantSource.fixed(NOW);
  public final FakePodNetwork network = new FakePodNetwork();
  public final FakeSandboxKernel kernel;
  public final FakeShims shims;
  public final String cgroupRoot = "/onggi-unit-" + UUID.randomUUID();
  public final Cgroups cgroups;
  public final Images images;
  public final SandboxLayout sandboxLayout;
  public final ContainerLayout layout;

  /** What was asked of the mount probe; it finds everything well, or fails with that errno. */
  public final List<List<LaunchStep>> probes = new ArrayList<>();

  public int probeErrno;

  public final Timelines timelines;

  private SpecEdits edits = new SpecEdits(List.of());

  // what a daemon's restart makes anew
  public PodEvents events;
  public Journal journal;
  public Ledger ledger;
  public Sandboxes sandboxes;
  public Containers containers;
  public OciSpecs specs;
  public ContainerExits exits;
  public RunSandbox runSandbox;
  public StopSandbox stopSandbox;
  public RemoveSandbox removeSandbox;
  public CreateContainer create;
  public StartContainer start;
  public StopContainer stop;
  public RemoveContainer remove;
  public UpdateContainer update;
  public ExecPlans plans;
  public ExecSync exec;
  public PodCgroups podCgroups;
  public ReopenLog reopen;

  public ContainerWorld(Path folder) {
    this(folder, Map.of("User", "app"));
  }

  public ContainerWorld(Path folder, Map<String, String> imageConfig) {
    this(folder, imageConfig, Cgroups.detect(Path.of("/sys/fs/cgroup")));
  }

  /** With cgroups of the caller's, such as {@link io.onggi.cgroup.FakeCgroups}. */
  @SuppressWarnings("NullAway.Init") // wire() sets the rest
  public ContainerWorld(Path folder, Map<String, String> imageConfig, Cgroups cgroups) {
    this.folder = folder;
    this.cgroups = cgroups;
    timelines = new Timelines(clock, System::nanoTime);
    shims = new FakeShims(clock);
    kernel = new FakeSandboxKernel(network);
    images =
        Images.open(ImageSettings.of(folder.resolve("images"), folder.resolve("certs.d")), clock);
    sandboxLayout = new SandboxLayout(folder.resolve("state"));
    layout = new ContainerLayout(folder.resolve("root"), folder.resolve("state"));
    load(imageConfig);
    wire();
  }

  private void wire() {
    journal = Journal.open(folder.resolve("journal"), Journal.Options.ofThisBoot(false));
    ledger = new Ledger(journal);
    events = new PodEvents(clock, 64);
    sandboxes = new Sandboxes(journal, events::sandboxChanged);
    containers = new Containers(journal, events::containerChanged);
    specs = new OciSpecs(layout);
    Trash trash = new Trash(folder.resolve("root/trash"), Runnable::run);
    exits = new ContainerExits(containers, cgroups, layout, shims, clock);
    stop = new StopContainer(containers, exits, layout, shims, cgroups);
    remove =
        new RemoveContainer(containers, stop, exits, cgroups, images, layout, trash, trash, specs);
    PodContainers members = new PodContainers(containers, stop, remove);
    stopSandbox = new StopSandbox(sandboxes, members, kernel, clock);
    removeSandbox =
        new RemoveSandbox(sandboxes, stopSandbox, members, sandboxLayout, ledger, trash);
    podCgroups = new PodCgroups(cgroups, CgroupPath.of(cgroupRoot));
    runSandbox =
        new RunSandbox(
            sandboxes, kernel, sandboxLayout, ledger, IdSource.random(), clock, timelines);
    create =
        new CreateContainer(
            containers,
            sandboxes,
            new SandboxView(sandboxLayout, containers),
            images,
            this::probe,
            specs,
            edits,
            layout,
            cgroups,
            podCgroups,
            IdSource.random(),
            clock);
    start =
        new StartContainer(
            containers, sandboxes, images, cgroups, layout, shims, exits, timelines, specs, clock);
    update = new UpdateContainer(containers, cgroups);
    plans = new ExecPlans(cgroups, specs);
    exec = new ExecSync(containers, plans, layout, shims);
    reopen = new ReopenLog(containers, layout, shims);
  }

  /** A daemon with these edits in the place of the one before. */
  public void edit(SpecEdit... wanted) {
    edits = new SpecEdits(List.of(wanted));
    restart();
  }

  /** The daemon is killed and another begins; shims, kernel and folders are as they were. */
  public void restart() {
    journal.close();
    wire();
  }

  private void probe(LaunchRequest request) {
    probes.add(request.plan().steps());
    if (probeErrno != 0) {
      LaunchFailure failure = new LaunchFailure(3, probeErrno, "SUBTREE", "part", "open");
      throw new LaunchException(request.subject(), request.plan().entries(), failure);
    }
  }

  private void load(Map<String, String> imageConfig) {
    byte[] layer =
        new TarBytes()
            .file("etc/passwd", PASSWD)
            .file("etc/group", GROUP)
            .file("bin/app", "")
            .end();
    StringBuilder config =
        new StringBuilder("{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{");
    config.append("\"Entrypoint\":[\"/bin/app\"],\"Cmd\":[\"serve\"],\"Env\":[\"IMAGE=1\"]");
    imageConfig.forEach((k, v) -> config.append(",\"" + k + "\":\"" + v + "\""));
    config.append("},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:");
    config.append(sha256(layer)).append("\"]}}");
    byte[] text = config.toString().getBytes(StandardCharsets.UTF_8);
    String name = sha256(text) + ".json";
    String manifest =
        "[{\"Config\":\"" + name + "\",\"RepoTags\":[\"app:1\"],\"Layers\":[\"l/layer.tar\"]}]";
    byte[] archive =
        new TarBytes()
            .file(name, text, 0644, 0, 0)
            .file("l/layer.tar", layer, 0644, 0, 0)
            .file("manifest.json", manifest)
            .end();
    try {
      Files.write(folder.resolve("image.tar"), archive);
      loadImage();
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + folder, e);
    }
  }

  /** Has {@link #IMAGE} again after it was removed. */
  public void loadImage() {
    images.load(folder.resolve("image.tar"));
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  public SandboxId sandbox(String name) {
    return sandbox(SandboxSpecs.plain(name));
  }

  public SandboxId sandbox(SandboxSpec spec) {
    return runSandbox.run(spec);
  }

  /** A created container of a plain spec. */
  public ContainerId created(SandboxId sandbox, String name) {
    return create.create(SpecDraft.of(sandbox, name).spec());
  }

  /** A running container of a plain spec. */
  public ContainerId running(SandboxId sandbox, String name) {
    ContainerId id = created(sandbox, name);
    start.start(id.value());
    shim(id).awaitWatcher();
    return id;
  }

  public FakeShim shim(ContainerId id) {
    return shims.shim(layout.socket(id));
  }

  public Container get(ContainerId id) {
    return containers.get(id.value());
  }

  /** Parks until the end of a container is recorded. */
  public ContainerState.Exited ended(ContainerId id) {
    exits.await(id, 10_000);
    if (get(id).state() instanceof ContainerState.Exited exited) {
      return exited;
    }
    throw new AssertionError("container is " + get(id).state());
  }

  public boolean hasCgroup(ContainerId id) {
    return cgroups.exists(CgroupPath.of(cgroupRoot + "/" + id));
  }

  /** An ended container's cgroup goes soon after its end is told. */
  public void awaitNoCgroup(ContainerId id) {
    Instant deadline = Instant.now().plusSeconds(10);
    while (hasCgroup(id)) {
      if (Instant.now().isAfter(deadline)) {
        throw new AssertionError("cgroup of " + id + " is still there");
      }
      Thread.onSpinWait();
    }
  }

  /** Names of the folders of containers, data and state. */
  public List<Path> folders() {
    return layout.parents().stream()
        .flatMap(p -> io.onggi.sandbox.SandboxFolders.entries(p).stream())
        .toList();
  }

  @Override
  public void close() {
    for (Container container : containers.list()) {
      remove.remove(container.id().value());
    }
    // made and taken away once more, so that the root goes with its last member
    CgroupPath last = CgroupPath.of(cgroupRoot).child("last");
    cgroups.create(last, Limits.NONE);
    cgroups.remove(last);
    images.close();
    journal.close();
  }

  static NamespaceModes modes(NamespaceMode network, NamespaceMode pid, NamespaceMode ipc) {
    return new NamespaceModes(network, pid, ipc, "");
  }
}
