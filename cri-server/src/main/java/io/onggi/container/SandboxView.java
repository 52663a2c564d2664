package io.onggi.container;

import io.onggi.error.CriException;
import io.onggi.linux.Namespaces;
import io.onggi.sandbox.NamespaceMode;
import io.onggi.sandbox.NamespaceModes;
import io.onggi.sandbox.PodFiles;
import io.onggi.sandbox.Sandbox;
import io.onggi.sandbox.SandboxLayout;
import java.nio.file.Path;
import java.util.Optional;

/** What a container sees of its sandbox, by the namespace modes of both. */
public final class SandboxView {
  private static final Path HOST_SHM = Path.of("/dev/shm");

  private final SandboxLayout layout;
  private final Containers containers;

  public SandboxView(SandboxLayout layout, Containers containers) {
    this.layout = layout;
    this.containers = containers;
  }

  SandboxFiles files(Sandbox sandbox, ContainerSpec spec) {
    NamespaceModes pod = sandbox.spec().namespaces();
    NamespaceModes mine = spec.security().namespaces();
    boolean hostNetwork = pod.network() == NamespaceMode.NODE;
    boolean hostIpc = pod.ipc() == NamespaceMode.NODE;
    return new SandboxFiles(
        hostNetwork ? Optional.empty() : pin(sandbox, Namespaces.Kind.NET),
        hostIpc ? Optional.empty() : pin(sandbox, Namespaces.Kind.IPC),
        hostNetwork ? Optional.empty() : pin(sandbox, Namespaces.Kind.UTS),
        pidNamespace(sandbox, spec),
        mine.pid() == NamespaceMode.NODE,
        hostIpc ? HOST_SHM : layout.shm(sandbox.id()),
        layout.hosts(sandbox.id()),
        layout.hostname(sandbox.id()),
        layout.resolvConf(sandbox.id()),
        PodFiles.hostname(sandbox.spec()),
        pod.network(),
        pod.user().isPresent() ? pin(sandbox, Namespaces.Kind.USER) : Optional.empty());
  }

  private Optional<Path> pin(Sandbox sandbox, Namespaces.Kind kind) {
    return Optional.of(layout.pin(sandbox.id(), kind));
  }

  private Optional<Path> pidNamespace(Sandbox sandbox, ContainerSpec spec) {
    NamespaceModes mine = spec.security().namespaces();
    return switch (mine.pid()) {
      case CONTAINER, NODE -> Optional.empty();
      case POD ->
          sandbox.spec().namespaces().pid() == NamespaceMode.POD
              ? Optional.of(layout.pidPin(sandbox.id()))
              : Optional.empty();
      case TARGET -> Optional.of(target(sandbox, spec, mine.targetId()));
    };
  }

  private Path target(Sandbox sandbox, ContainerSpec spec, String targetId) {
    if (targetId.isEmpty()) {
      throw new CriException.InvalidArgument(
          "container " + spec.title() + ": pid mode TARGET needs a target_id");
    }
    Container target = containers.get(targetId);
    if (!target.spec().sandbox().equals(sandbox.id())) {
      throw new CriException.InvalidArgument(
          "container " + spec.title() + ": target_id " + targetId + " is in another pod");
    }
    if (target.spec().security().namespaces().pid() != NamespaceMode.CONTAINER) {
      throw new CriException.InvalidArgument(
          "container "
              + spec.title()
              + ": target_id "
              + targetId
              + " has no pid namespace of its own; its pid mode must be CONTAINER");
    }
    if (target.state() instanceof ContainerState.Running running) {
      return Path.of("/proc", Integer.toString(running.pid()), "ns", "pid");
    }
    throw new CriException.FailedPrecondition(
        "container " + spec.title() + ": target container " + targetId + " does not run");
  }
}
