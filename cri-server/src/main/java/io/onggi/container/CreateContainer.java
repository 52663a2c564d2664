package io.onggi.container;

import io.onggi.cgroup.CgroupPath;
import io.onggi.cgroup.Cgroups;
import io.onggi.container.seccomp.SeccompProfiles;
import io.onggi.error.CriException;
import io.onggi.image.Image;
import io.onggi.image.Images;
import io.onggi.launch.MountProbe;
import io.onggi.sandbox.Joined;
import io.onggi.sandbox.PodCgroups;
import io.onggi.sandbox.Sandbox;
import io.onggi.sandbox.SandboxFolders;
import io.onggi.sandbox.SandboxId;
import io.onggi.sandbox.Sandboxes;
import io.onggi.sandbox.Undo;
import io.onggi.store.IdSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * CreateContainer: image, identity, OCI spec and folders; no process yet. A repeat of (sandbox,
 * name, attempt) joins the running operation; one that is done already is the answer. A failure
 * leaves nothing behind.
 */
public final class CreateContainer {
  private record Key(SandboxId sandbox, String name, int attempt) {}

  private final Containers containers;
  private final Sandboxes sandboxes;
  private final SandboxView view;
  private final Images images;
  private final ImageVolumes volumes;
  private final HostPaths hostPaths;
  private final OciSpecs specs;
  private final SpecEdits edits;
  private final ContainerLayout layout;
  private final Cgroups cgroups;
  private final PodCgroups pods;
  private final IdSource ids;
  private final InstantSource clock;
  private final SeccompProfiles profiles = new SeccompProfiles();
  private final Joined<Key, ContainerId> operations = new Joined<>();

  public CreateContainer(
      Containers containers,
      Sandboxes sandboxes,
      SandboxView view,
      Images images,
      MountProbe probe,
      OciSpecs specs,
      SpecEdits edits,
      ContainerLayout layout,
      Cgroups cgroups,
      PodCgroups pods,
      IdSource ids,
      InstantSource clock) {
    this.containers = containers;
    this.sandboxes = sandboxes;
    this.view = view;
    this.images = images;
    this.volumes = new ImageVolumes(images, probe);
    this.hostPaths = new HostPaths(probe);
    this.specs = specs;
    this.edits = edits;
    this.layout = layout;
    this.cgroups = cgroups;
    this.pods = pods;
    this.ids = ids;
    this.clock = clock;
  }

  /**
   * @return the id of a container that is created (or further)
   * @throws CriException.NotFound when the sandbox or the image is not there
   * @throws CriException.FailedPrecondition when the sandbox is stopped
   */
  public ContainerId create(ContainerSpec spec) {
    SpecBounds.check(spec);
    return operations.run(
        new Key(spec.sandbox(), spec.name(), spec.attempt()), () -> createOnce(spec));
  }

  private ContainerId createOnce(ContainerSpec spec) {
    Optional<Container> existing =
        containers.of(spec.sandbox()).stream()
            .filter(c -> c.spec().name().equals(spec.name()))
            .filter(c -> c.spec().attempt() == spec.attempt())
            .findFirst();
    if (existing.isPresent()) {
      return existing.get().id();
    }
    Sandbox sandbox = sandboxes.get(spec.sandbox().value());
    checkSandbox(spec, sandbox);
    cgroups.check(spec.limits());
    Image image =
        images
            .find(spec.image())
            .orElseThrow(
                () ->
                    new CriException.NotFound(
                        "image \""
                            + spec.image()
                            + "\" of container "
                            + spec.title()
                            + " is not on this node; pull it first"));
    ContainerSpec resolved = volumes.resolve(spec);
    ContainerId id = new ContainerId(ids.next());
    try (Undo undo = new Undo()) {
      undo.push(() -> images.release(id.value()));
      images.hold(image.id(), id.value());
      ImageVolumes.ids(resolved).forEach(volume -> images.hold(volume, id.value()));
      Container container = prepare(id, resolved, sandbox, image, undo);
      containers.add(container);
      undo.push(() -> containers.remove(id));
      checkSandbox(
          spec, sandboxes.get(spec.sandbox().value())); // it may have been stopped meanwhile
      undo.commit();
      return id;
    }
  }

  private static void checkSandbox(ContainerSpec spec, Sandbox sandbox) {
    if (!sandbox.ready()) {
      throw new CriException.FailedPrecondition(
          "pod sandbox "
              + sandbox.id()
              + " is not ready, container "
              + spec.title()
              + " cannot be created in it");
    }
    if (spec.security().privileged() && !sandbox.spec().privileged()) {
      throw new CriException.InvalidArgument(
          "container "
              + spec.title()
              + " is privileged but its pod sandbox "
              + sandbox.id()
              + " is not; make the sandbox privileged too");
    }
  }

  private Container prepare(
      ContainerId id, ContainerSpec spec, Sandbox sandbox, Image image, Undo undo) {
    List<Path> layers = images.layerDirectories(image);
    Identity identity = identity(spec, image, layers);
    CgroupPath cgroup = cgroupPath(id, sandbox);
    Map<String, List<Path>> volumeLayers = volumes.layers(spec);
    SpecEdit.Request request = new SpecEdit.Request(id, spec, sandbox);
    OciSpec oci = spec(request, image, identity, volumeLayers, cgroup);
    int stopSignal = stopSignal(spec, image);
    undo.push(() -> SandboxFolders.delete(layout.data(id)));
    makeFolders(id, oci);
    hostPaths.check(spec, layout.data(id).resolve("probe"));
    volumes.checkSubPaths(spec, volumeLayers, layout.data(id));
    return new Container(
        id,
        spec,
        image.id().toString(),
        logFile(spec, sandbox),
        cgroup.toString(),
        stopSignal,
        identity,
        clock.instant(),
        new ContainerState.Created());
  }

  /** Built, confined, edited, and its seccomp filter compiled, so that a bad one fails here. */
  private OciSpec spec(
      SpecEdit.Request request,
      Image image,
      Identity identity,
      Map<String, List<Path>> volumeLayers,
      CgroupPath cgroup) {
    ContainerSpec asked = request.container();
    SandboxFiles files = view.files(request.sandbox(), asked);
    try {
      SpecMounts mounts = new SpecMounts(asked, image.config(), files, volumeLayers);
      OciSpec built =
          new SpecBuilder(asked, image.config(), identity, files)
              .build(
                  layout.rootfs(request.id()),
                  mounts.list(),
                  DeviceAccess.of(asked),
                  cgroup.toString());
      OciSpec edited = edits.apply(request, confined(asked, built));
      specs.filter(edited);
      return edited;
    } catch (CriException.InvalidArgument e) {
      throw named(asked, e);
    }
  }

  private static CriException named(ContainerSpec spec, CriException.InvalidArgument e) {
    String title = "container " + spec.title();
    String message = String.valueOf(e.getMessage());
    return message.contains(title)
        ? e
        : new CriException.InvalidArgument(title + ": " + message, e);
  }

  private OciSpec confined(ContainerSpec spec, OciSpec oci) {
    return oci.withSeccomp(
        profiles.resolve(spec.security().seccomp(), oci.process().capabilities().bounding()));
  }

  private static Identity identity(ContainerSpec spec, Image image, List<Path> layers) {
    Accounts accounts =
        new Accounts(
            LayerFiles.read(layers, "etc/passwd").orElse(""),
            LayerFiles.read(layers, "etc/group").orElse(""));
    return accounts.resolve(spec.security(), image.config(), spec.title());
  }

  private CgroupPath cgroupPath(ContainerId id, Sandbox sandbox) {
    return cgroups.driver().container(pods.parentOf(sandbox.id(), sandbox.spec()), id.value());
  }

  private static int stopSignal(ContainerSpec spec, Image image) {
    if (!spec.stopSignal().isEmpty()) {
      return Signals.parse(spec.stopSignal());
    }
    String wanted = image.config().stopSignal();
    return wanted.isEmpty() ? Signals.SIGTERM : Signals.parse(wanted);
  }

  private static String logFile(ContainerSpec spec, Sandbox sandbox) {
    if (spec.logPath().isEmpty() || sandbox.spec().logDirectory().isEmpty()) {
      return "";
    }
    return Path.of(sandbox.spec().logDirectory()).resolve(spec.logPath()).normalize().toString();
  }

  private void makeFolders(ContainerId id, OciSpec oci) {
    try {
      Files.createDirectories(layout.upper(id));
      Files.createDirectories(layout.work(id));
      specs.write(id, oci);
    } catch (IOException e) {
      throw new CriException.Internal(
          "making the folders of container " + id + " below " + layout.data(id) + ": " + e, e);
    }
  }
}
