package io.onggi.sandbox;

import static io.onggi.linux.KernelConstants.MS_NODEV;
import static io.onggi.linux.KernelConstants.MS_NOEXEC;
import static io.onggi.linux.KernelConstants.MS_NOSUID;

import io.onggi.error.CriException;
import io.onggi.launch.LaunchException;
import io.onggi.launch.LaunchPlan;
import io.onggi.launch.LaunchRequest;
import io.onggi.launch.Shim;
import io.onggi.launch.ShimConnector;
import io.onggi.launch.ShimException;
import io.onggi.launch.ShimLauncher;
import io.onggi.launch.Started;
import io.onggi.linux.Errno;
import io.onggi.linux.LinuxException;
import io.onggi.linux.Mounts;
import io.onggi.linux.Namespaces;
import io.onggi.network.AttachRequest;
import io.onggi.network.Attachment;
import io.onggi.network.PodNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A sandbox on the real kernel. */
public final class LinuxSandboxKernel implements SandboxKernel {
  /** Kubernetes' size of a pod's /dev/shm. */
  private static final String SHM_OPTIONS = "mode=1777,size=65536k";

  private static final Duration INIT_REPORT = Duration.ofSeconds(30);
  private static final int SIGKILL = 9;

  private final SandboxLayout layout;
  private final PodNetwork network;
  private final ShimLauncher launcher;
  private final ShimConnector connector;
  private final PodCgroups cgroups;

  public LinuxSandboxKernel(
      SandboxLayout layout,
      PodNetwork network,
      ShimLauncher launcher,
      ShimConnector connector,
      PodCgroups cgroups) {
    this.layout = layout;
    this.network = network;
    this.launcher = launcher;
    this.connector = connector;
    this.cgroups = cgroups;
  }

  @Override
  public void makeCgroup(SandboxId id, SandboxSpec spec) {
    cgroups.make(id, spec);
  }

  @Override
  public void ensureNoCgroup(SandboxId id) {
    cgroups.ensureGone(id);
  }

  @Override
  public void pinNamespaces(SandboxId id, SandboxSpec spec) {
    Set<Namespaces.Kind> kinds = kinds(spec);
    if (kinds.isEmpty()) {
      return;
    }
    Map<Namespaces.Kind, Path> pins = new EnumMap<>(Namespaces.Kind.class);
    kinds.forEach(k -> pins.put(k, layout.pin(id, k)));
    Optional<String> hostname =
        kinds.contains(Namespaces.Kind.UTS)
            ? Optional.of(PodFiles.hostname(spec))
            : Optional.empty();
    Optional<UserMapping> user = spec.namespaces().user();
    if (user.isEmpty()) {
      Namespaces.create(kinds, pins, hostname, spec.sysctls());
      return;
    }
    Started owner = startOwner(id, spec, InitPlans.owner(layout, id, user.get(), kinds, spec));
    try {
      Namespaces.adopt(owner.pid(), pins);
    } finally {
      endInit(id);
    }
  }

  private Started startOwner(SandboxId id, SandboxSpec spec, LaunchPlan plan) {
    try {
      return launcher.start(
          new LaunchRequest(
              "user namespace of sandbox " + id,
              layout.directory(id).resolve("plan"),
              plan,
              INIT_REPORT));
    } catch (LaunchException e) {
      if (e.failure().step().equals("SYSCTL")) {
        throw new CriException.InvalidArgument("pod " + spec.name() + ": " + e.getMessage(), e);
      }
      throw e;
    }
  }

  private static Set<Namespaces.Kind> kinds(SandboxSpec spec) {
    Set<Namespaces.Kind> kinds = EnumSet.noneOf(Namespaces.Kind.class);
    if (spec.namespaces().user().isPresent()) {
      kinds.add(Namespaces.Kind.USER);
    }
    if (spec.namespaces().network() != NamespaceMode.NODE) {
      kinds.add(Namespaces.Kind.NET);
      kinds.add(Namespaces.Kind.UTS); // a pod on the host's network has the host's name
    }
    if (spec.namespaces().ipc() != NamespaceMode.NODE) {
      kinds.add(Namespaces.Kind.IPC);
    }
    return kinds;
  }

  @Override
  public void ensureNoPins(SandboxId id) {
    for (Namespaces.Kind kind : Namespaces.Kind.values()) {
      Namespaces.unpin(layout.pin(id, kind));
    }
  }

  @Override
  public void mountShm(SandboxId id, SandboxSpec spec) {
    if (spec.namespaces().ipc() == NamespaceMode.NODE) {
      return;
    }
    Path shm = layout.shm(id);
    try {
      Files.createDirectories(shm);
    } catch (IOException e) {
      throw new CriException.Internal("making the folder " + shm + ": " + e, e);
    }
    String owner =
        spec.namespaces().user().map(u -> ",uid=" + u.rootUid() + ",gid=" + u.rootGid()).orElse("");
    Mounts.mount("shm", shm, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, SHM_OPTIONS + owner);
  }

  @Override
  public void ensureNoShm(SandboxId id) {
    unmountIfMounted(layout.shm(id));
  }

  private static void unmountIfMounted(Path path) {
    try {
      Mounts.unmount(path, Mounts.MNT_DETACH | Mounts.UMOUNT_NOFOLLOW);
    } catch (LinuxException e) {
      if (!e.is(Errno.EINVAL) && !e.is(Errno.ENOENT)) {
        throw e;
      }
    }
  }

  @Override
  public Attachment attach(AttachRequest request) {
    return network.attach(request);
  }

  @Override
  public void ensureDetached(SandboxId id) {
    network.detach(id.value());
  }

  @Override
  public Optional<SandboxState.PodInit> startInit(SandboxId id, SandboxSpec spec) {
    if (spec.namespaces().pid() != NamespaceMode.POD) {
      return Optional.empty();
    }
    Path directory = layout.directory(id);
    Started started =
        launcher.start(
            new LaunchRequest(
                "pod init of sandbox " + id,
                directory.resolve("plan"),
                initPlan(id, spec),
                INIT_REPORT));
    Path pin = layout.pidPin(id);
    try {
      Files.createFile(pin);
    } catch (IOException e) {
      throw new CriException.Internal("making the pin " + pin + ": " + e, e);
    }
    Mounts.bind(Path.of("/proc", Integer.toString(started.pid()), "ns", "pid"), pin);
    return Optional.of(new SandboxState.PodInit(started.pid(), started.startTime()));
  }

  private LaunchPlan initPlan(SandboxId id, SandboxSpec spec) {
    Path root = layout.initRoot(id);
    try {
      Files.createDirectories(root);
    } catch (IOException e) {
      throw new CriException.Internal("making the folder " + root + ": " + e, e);
    }
    return InitPlans.init(layout, id, spec.namespaces().user().isPresent());
  }

  @Override
  public void ensureNoInit(SandboxId id) {
    endInit(id);
    Namespaces.unpin(layout.pidPin(id));
  }

  private void endInit(SandboxId id) {
    Path socket = layout.initSocket(id);
    if (Files.exists(socket)) {
      Shim shim = connector.connect("pod init of sandbox " + id, socket);
      try {
        shim.kill(SIGKILL, Shim.Scope.FIRST_PROCESS);
        shim.awaitExit();
      } catch (ShimException _) {
        SandboxFolders.delete(socket); // its shim is gone and could not take the socket along
      }
    }
  }

  @Override
  public boolean alive(SandboxId id, SandboxSpec spec) {
    return kinds(spec).stream().allMatch(k -> Namespaces.isPinned(layout.pin(id, k)));
  }
}
