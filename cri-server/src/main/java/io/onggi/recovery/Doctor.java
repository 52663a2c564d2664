package io.onggi.recovery;

import io.onggi.cgroup.CgroupPath;
import io.onggi.cgroup.Cgroups;
import io.onggi.container.Container;
import io.onggi.container.ContainerLayout;
import io.onggi.container.ContainerState;
import io.onggi.container.Containers;
import io.onggi.container.cdi.CdiSpecs;
import io.onggi.network.PodNetwork;
import io.onggi.sandbox.NamespaceMode;
import io.onggi.sandbox.Sandbox;
import io.onggi.sandbox.SandboxFolders;
import io.onggi.sandbox.SandboxKernel;
import io.onggi.sandbox.SandboxLayout;
import io.onggi.sandbox.Sandboxes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Compares what the daemon owns with what is there; zero differences: zero leaks. */
public final class Doctor {
  /**
   * @param kind leaked (there, owned by nobody), missing (owned, not there) or broken (a file of
   *     the node that cannot be used)
   */
  public record Difference(String kind, String object, String owner) {}

  /**
   * @param compared objects that were looked at
   */
  public record Report(int compared, List<Difference> differences) {
    public Report {
      differences = List.copyOf(differences);
    }
  }

  private final Sandboxes sandboxes;
  private final Containers containers;
  private final SandboxKernel kernel;
  private final PodNetwork network;
  private final Cgroups cgroups;
  private final SandboxLayout sandboxLayout;
  private final ContainerLayout containerLayout;
  private final CdiSpecs cdi;

  public Doctor(
      Sandboxes sandboxes,
      Containers containers,
      SandboxKernel kernel,
      PodNetwork network,
      Cgroups cgroups,
      SandboxLayout sandboxLayout,
      ContainerLayout containerLayout,
      CdiSpecs cdi) {
    this.sandboxes = sandboxes;
    this.containers = containers;
    this.kernel = kernel;
    this.network = network;
    this.cgroups = cgroups;
    this.sandboxLayout = sandboxLayout;
    this.containerLayout = containerLayout;
    this.cdi = cdi;
  }

  public Report examine() {
    List<Difference> found = new ArrayList<>();
    int compared = examineSandboxes(found) + examineContainers(found);
    cdi.problems().forEach(text -> found.add(new Difference("broken", text, "the node")));
    return new Report(compared, found);
  }

  private int examineSandboxes(List<Difference> found) {
    List<Sandbox> all = sandboxes.list();
    Set<String> ids = all.stream().map(s -> s.id().value()).collect(Collectors.toSet());
    for (Sandbox sandbox : all) {
      String owner = "sandbox " + sandbox.id();
      if (sandbox.ready() && !kernel.alive(sandbox.id(), sandbox.spec())) {
        found.add(new Difference("missing", "pinned namespaces", owner));
      }
      boolean own = sandbox.spec().namespaces().network() != NamespaceMode.NODE;
      boolean attached = network.attachments().containsKey(sandbox.id().value());
      if (sandbox.ready() && own && !attached) {
        found.add(new Difference("missing", "network attachment", owner));
      }
    }
    network.attachments().keySet().stream()
        .filter(id -> !ids.contains(id))
        .forEach(id -> found.add(new Difference("leaked", "network attachment", id)));
    List<String> folders = entries(sandboxLayout.sandboxes());
    folders.stream()
        .filter(name -> !ids.contains(name))
        .forEach(
            name ->
                found.add(
                    new Difference(
                        "leaked", sandboxLayout.sandboxes().resolve(name).toString(), name)));
    return all.size() * 3 + folders.size();
  }

  private int examineContainers(List<Difference> found) {
    List<Container> all = containers.list();
    Set<String> ids = all.stream().map(c -> c.id().value()).collect(Collectors.toSet());
    for (Container container : all) {
      boolean runs = container.state() instanceof ContainerState.Running;
      boolean exists = cgroups.exists(CgroupPath.of(container.cgroup()));
      String owner = "container " + container.id();
      if (runs && !exists) {
        found.add(new Difference("missing", "cgroup " + container.cgroup(), owner));
      } else if (!runs && exists) {
        found.add(new Difference("leaked", "cgroup " + container.cgroup(), owner));
      }
      if (runs && !Files.exists(containerLayout.socket(container.id()))) {
        found.add(
            new Difference(
                "missing", "shim socket " + containerLayout.socket(container.id()), owner));
      }
    }
    int folders = 0;
    for (Path parent : containerLayout.parents()) {
      List<String> names = entries(parent);
      folders += names.size();
      names.stream()
          .filter(name -> !ids.contains(name))
          .forEach(
              name -> found.add(new Difference("leaked", parent.resolve(name).toString(), name)));
    }
    return all.size() * 2 + folders;
  }

  private static List<String> entries(Path folder) {
    return SandboxFolders.entries(folder).stream()
        .map(p -> String.valueOf(p.getFileName()))
        .toList();
  }
}
