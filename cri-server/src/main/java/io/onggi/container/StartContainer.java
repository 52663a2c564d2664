package io.onggi.container;

import io.onggi.cgroup.CgroupPath;
import io.onggi.cgroup.Cgroups;
import io.onggi.cgroup.ContainerCgroup;
import io.onggi.cgroup.Limits;
import io.onggi.error.CriException;
import io.onggi.image.Images;
import io.onggi.image.content.Digest;
import io.onggi.launch.LaunchException;
import io.onggi.launch.LaunchPlan;
import io.onggi.launch.LaunchRequest;
import io.onggi.launch.ShimLauncher;
import io.onggi.launch.Started;
import io.onggi.sandbox.Joined;
import io.onggi.sandbox.NamespaceMode;
import io.onggi.sandbox.NamespaceModes;
import io.onggi.sandbox.Sandboxes;
import io.onggi.sandbox.StartClock;
import io.onggi.sandbox.Timelines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Lock;

/**
 * StartContainer: cgroup, compile, shim. When a step fails the container has ended with exit code
 * 128 and reason StartError, and the error names the step.
 */
public final class StartContainer {
  /** Exit code of a container whose start failed, as containerd and CRI-O report it. */
  static final int START_ERROR_CODE = 128;

  /** All steps together; the shim names the one that hangs. */
  private static final Duration STEPS = Duration.ofSeconds(60);

  /** For the shim's report; longer, so that its own message arrives. */
  private static final Duration REPORT = Duration.ofSeconds(70);

  private final Containers containers;
  private final Sandboxes sandboxes;
  private final Images images;
  private final Cgroups cgroups;
  private final ContainerLayout layout;
  private final ShimLauncher launcher;
  private final ContainerExits exits;
  private final Timelines timelines;
  private final OciSpecs specs;
  private final InstantSource clock;
  private final Joined<ContainerId, ContainerId> operations = new Joined<>();

  public StartContainer(
      Containers containers,
      Sandboxes sandboxes,
      Images images,
      Cgroups cgroups,
      ContainerLayout layout,
      ShimLauncher launcher,
      ContainerExits exits,
      Timelines timelines,
      OciSpecs specs,
      InstantSource clock) {
    this.containers = containers;
    this.sandboxes = sandboxes;
    this.images = images;
    this.cgroups = cgroups;
    this.layout = layout;
    this.launcher = launcher;
    this.exits = exits;
    this.timelines = timelines;
    this.specs = specs;
    this.clock = clock;
  }

  /**
   * @throws CriException.FailedPrecondition when the container is not just created
   * @throws CriException.Internal naming the failing step, its object and errno
   */
  public void start(String idOrPrefix) {
    Container container = containers.get(idOrPrefix);
    operations.run(container.id(), () -> startLocked(container));
  }

  private ContainerId startLocked(Container container) {
    Lock lifecycle = containers.lifecycle(container.id());
    lifecycle.lock();
    try {
      if (!sandboxes.get(container.spec().sandbox().value()).ready()) {
        throw new CriException.FailedPrecondition(
            "container "
                + container.spec().title()
                + " cannot be started: its pod sandbox "
                + container.spec().sandbox()
                + " is stopped");
      }
      return startOnce(container);
    } finally {
      lifecycle.unlock();
    }
  }

  private ContainerId startOnce(Container container) {
    ContainerId id = container.id();
    StartClock steps = timelines.begin();
    Optional<Container> claimed =
        steps.step(
            "claim", () -> containers.move(id, new ContainerState.Starting(clock.instant())));
    if (claimed.isEmpty()) {
      throw new CriException.NotFound("container \"" + id + "\" was removed meanwhile");
    }
    try {
      checkTarget(container);
      Started started = launch(container, steps);
      ContainerState.Running running =
          new ContainerState.Running(started.pid(), started.startTime(), started.startedAt());
      steps.step("journal", () -> containers.move(id, running));
      exits.watch(id);
      timelines.keep(layout.stateOf(id), steps.done());
      return id;
    } catch (RuntimeException e) {
      String message = String.valueOf(e.getMessage());
      Instant now = clock.instant();
      containers.move(
          id, new ContainerState.Exited(now, now, START_ERROR_CODE, "StartError", message));
      cgroups.killAll(
          CgroupPath.of(container.cgroup())); // a shim that died may have left its child
      exits.cleanUp(id);
      if (e instanceof CriException) {
        throw e;
      }
      if (e instanceof IllegalArgumentException) { // of a plan that the shim would not take
        throw new CriException.InvalidArgument(
            "container " + container.spec().title() + " cannot be started: " + message, e);
      }
      String hint =
          e instanceof LaunchException launch && launch.isExec()
              ? "; is the command in the image?"
              : "";
      throw new CriException.Internal(
          "StartError: container " + container.spec().title() + ": " + message + hint, e);
    }
  }

  /** The pid namespace of another container was resolved at creation; its pid may be reused. */
  private void checkTarget(Container container) {
    NamespaceModes modes = container.spec().security().namespaces();
    if (modes.pid() != NamespaceMode.TARGET) {
      return;
    }
    boolean same =
        containers.get(modes.targetId()).state() instanceof ContainerState.Running running
            && specs.read(container.id()).linux().namespaces().stream()
                .anyMatch(n -> n.path().equals("/proc/" + running.pid() + "/ns/pid"));
    if (!same) {
      throw new CriException.FailedPrecondition(
          "container "
              + container.spec().title()
              + ": target container "
              + modes.targetId()
              + " has ended since it was chosen; create the container anew");
    }
  }

  private Started launch(Container container, StartClock steps) {
    ContainerId id = container.id();
    steps.step("folders", () -> makeFolders(id));
    OciSpec oci = steps.step("spec", () -> specs.read(id));
    ContainerCgroup cgroup =
        steps.step(
            "cgroup",
            () -> cgroups.create(CgroupPath.of(container.cgroup()), limits(container, oci)));
    try {
      return launchIn(cgroup, container, oci, steps);
    } finally {
      cgroups.settled(cgroup.path());
    }
  }

  private Started launchIn(
      ContainerCgroup cgroup, Container container, OciSpec oci, StartClock steps) {
    ContainerId id = container.id();
    LaunchSite site = site(container, cgroup);
    LaunchPlan plan =
        steps.step("compile", () -> new SpecCompiler(oci, site, specs.filter(oci)).compile());
    Started started =
        steps.step(
            "launch",
            () ->
                launcher.start(
                    new LaunchRequest("container " + id, site.planFile(), plan, REPORT)));
    steps.shim(ShimTimeline.of(plan, started));
    return started;
  }

  private LaunchSite site(Container container, ContainerCgroup cgroup) {
    ContainerId id = container.id();
    List<Path> layers = images.heldLayers(Digest.parse(container.imageId()));
    return new LaunchSite(
        layout.stateOf(id),
        layout.socket(id),
        container.logFile(),
        layers,
        layout.upper(id),
        layout.work(id),
        CgroupSite.of(cgroups.version(), cgroup),
        container.spec().stdin(),
        container.spec().stdinOnce(),
        STEPS);
  }

  /** Devices are part of the limits, and a matter of the spec: edits may have added some. */
  private static Limits limits(Container container, OciSpec spec) {
    List<OciSpec.DeviceCgroup> rules =
        spec.linux().resources().isPresent()
            ? spec.linux().deviceRules()
            : DeviceRules.standard(); // kept by a version that wrote none
    return container.spec().limits().withDevices(DeviceRules.compile(rules));
  }

  private void makeFolders(ContainerId id) {
    Path root = layout.rootfs(id);
    try {
      Files.createDirectories(root);
    } catch (IOException e) {
      throw new CriException.Internal("making the folder " + root + ": " + e, e);
    }
  }
}
