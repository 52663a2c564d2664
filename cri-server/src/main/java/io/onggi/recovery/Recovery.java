package io.onggi.recovery;

import io.onggi.cgroup.CgroupPath;
import io.onggi.cgroup.Cgroups;
import io.onggi.container.Container;
import io.onggi.container.ContainerExits;
import io.onggi.container.ContainerLayout;
import io.onggi.container.ContainerState;
import io.onggi.container.Containers;
import io.onggi.container.ImageVolumes;
import io.onggi.container.RemoveContainer;
import io.onggi.error.CriException;
import io.onggi.image.Images;
import io.onggi.image.content.Digest;
import io.onggi.linux.LinuxException;
import io.onggi.sandbox.Sandbox;
import io.onggi.sandbox.SandboxFolders;
import io.onggi.sandbox.SandboxId;
import io.onggi.sandbox.SandboxKernel;
import io.onggi.sandbox.SandboxLayout;
import io.onggi.sandbox.SandboxState;
import io.onggi.sandbox.Sandboxes;
import io.onggi.store.Ledger;
import io.onggi.store.Owned;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;

/**
 * Brings what the journal says in line with what is true. Runs once, before anything is served. On
 * the same boot every shim is still beside its container: running containers are watched again,
 * ended ones are read from their exit records. On another boot every process is dead and nothing is
 * probed.
 */
public final class Recovery {
  private static final Logger LOG = Logger.getLogger(Recovery.class.getName());

  private static final int LOST_CODE = 255;

  private final Sandboxes sandboxes;
  private final Containers containers;
  private final Images images;
  private final ContainerExits exits;
  private final RemoveContainer remover;
  private final Cgroups cgroups;
  private final SandboxKernel kernel;
  private final SandboxLayout layout;
  private final ContainerLayout containerLayout;
  private final Ledger ledger;
  private final InstantSource clock;

  public Recovery(
      Sandboxes sandboxes,
      Containers containers,
      Images images,
      ContainerExits exits,
      RemoveContainer remover,
      Cgroups cgroups,
      SandboxKernel kernel,
      SandboxLayout layout,
      ContainerLayout containerLayout,
      Ledger ledger,
      InstantSource clock) {
    this.sandboxes = sandboxes;
    this.containers = containers;
    this.images = images;
    this.exits = exits;
    this.remover = remover;
    this.cgroups = cgroups;
    this.kernel = kernel;
    this.layout = layout;
    this.containerLayout = containerLayout;
    this.ledger = ledger;
    this.clock = clock;
  }

  /**
   * @param otherBoot the machine has booted since the journal was last written
   */
  public void recover(boolean otherBoot) {
    sandboxes.load();
    containers.load();
    for (Container container : containers.list()) {
      guarded("container " + container.id(), () -> recoverContainer(container, otherBoot));
    }
    for (Sandbox sandbox : sandboxes.list()) {
      guarded("sandbox " + sandbox.id(), () -> recoverSandbox(sandbox, otherBoot));
    }
    ledger.all().stream().filter(o -> o.kind().equals("sandbox")).forEach(this::finishIntent);
    guarded("folders without a record", this::sweepFolders);
    images.sweep();
  }

  /** One object that cannot be recovered must not keep the daemon from serving all others. */
  private static void guarded(String what, Runnable work) {
    try {
      work.run();
    } catch (CriException | LinuxException e) {
      LOG.log(Level.WARNING, "recovering " + what + ", going on without: " + e.getMessage(), e);
    }
  }

  /**
   * Folders that no record names: the journal's last records were lost with the machine's power.
   */
  private void sweepFolders() {
    Set<String> ids =
        containers.list().stream().map(c -> c.id().value()).collect(Collectors.toSet());
    for (Path parent : containerLayout.parents()) {
      for (Path folder : SandboxFolders.entries(parent)) {
        if (!ids.contains(String.valueOf(folder.getFileName()))) {
          SandboxFolders.delete(folder);
        }
      }
    }
  }

  private void recoverContainer(Container container, boolean otherBoot) {
    hold(Digest.parse(container.imageId()), container);
    ImageVolumes.ids(container.spec()).forEach(id -> hold(id, container));
    switch (container.state()) {
      case ContainerState.Running _ when !otherBoot -> exits.watch(container.id());
      case ContainerState.Running running ->
          end(container, running.startedAt(), "the machine was started anew meanwhile");
      case ContainerState.Starting starting -> {
        cgroups.killAll(CgroupPath.of(container.cgroup()));
        end(container, starting.at(), "the daemon was killed while it started this container");
        exits.cleanUp(container.id());
      }
      case ContainerState.Exited _ -> exits.cleanUp(container.id());
      case ContainerState.Removing _ -> remover.remove(container.id().value());
      case ContainerState.Created _ -> {}
    }
  }

  private void hold(Digest image, Container container) {
    try {
      images.hold(image, container.id().value());
    } catch (CriException.NotFound e) {
      LOG.log(Level.WARNING, "container " + container.id() + ": " + e.getMessage());
    }
  }

  private void end(Container container, Instant startedAt, String why) {
    containers.move(
        container.id(),
        new ContainerState.Exited(startedAt, clock.instant(), LOST_CODE, "Unknown", why));
  }

  private void recoverSandbox(Sandbox sandbox, boolean otherBoot) {
    if (sandbox.ready() && (otherBoot || !kernel.alive(sandbox.id(), sandbox.spec()))) {
      kernel.ensureNothing(sandbox.id());
      sandboxes.update(
          sandbox.id(), s -> s.with(new SandboxState.NotReady(clock.instant(), s.attachment())));
    }
  }

  /** An intent without a sandbox: the daemon died while it made one. All of it goes. */
  private void finishIntent(Owned intent) {
    if (sandboxes.find(intent.name()).isPresent()) {
      return;
    }
    SandboxId id = new SandboxId(intent.name());
    try {
      kernel.ensureNothing(id);
      SandboxFolders.delete(layout.directory(id));
      ledger.forget(intent);
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "taking back the half-made sandbox " + id + ", tried again later", e);
    }
  }
}
