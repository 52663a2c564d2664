package io.onggi.container;

import io.onggi.cgroup.CgroupPath;
import io.onggi.cgroup.Cgroups;
import io.onggi.image.Images;
import io.onggi.sandbox.Joined;
import io.onggi.sandbox.SandboxFolders;
import io.onggi.sandbox.Trash;
import java.util.Optional;
import java.util.concurrent.locks.Lock;

/**
 * RemoveContainer: ends what runs, then takes away everything it had. An unknown container is
 * success (CRI: idempotent). Its log stays: that is the kubelet's.
 */
public final class RemoveContainer {
  private final Containers containers;
  private final StopContainer stop;
  private final ContainerExits exits;
  private final Cgroups cgroups;
  private final Images images;
  private final ContainerLayout layout;
  private final Trash dataTrash;
  private final Trash stateTrash;
  private final OciSpecs specs;
  private final Joined<ContainerId, ContainerId> operations = new Joined<>();

  public RemoveContainer(
      Containers containers,
      StopContainer stop,
      ContainerExits exits,
      Cgroups cgroups,
      Images images,
      ContainerLayout layout,
      Trash dataTrash,
      Trash stateTrash,
      OciSpecs specs) {
    this.containers = containers;
    this.stop = stop;
    this.exits = exits;
    this.cgroups = cgroups;
    this.images = images;
    this.layout = layout;
    this.dataTrash = dataTrash;
    this.stateTrash = stateTrash;
    this.specs = specs;
  }

  public void remove(String idOrPrefix) {
    Optional<Container> container = containers.find(idOrPrefix);
    container.ifPresent(c -> operations.run(c.id(), () -> removeLocked(c)));
  }

  private ContainerId removeLocked(Container container) {
    Lock lifecycle = containers.lifecycle(container.id());
    lifecycle.lock();
    try {
      return removeOnce(container);
    } finally {
      lifecycle.unlock();
    }
  }

  private ContainerId removeOnce(Container container) {
    ContainerId id = container.id();
    stop.stop(id.value(), 0);
    exits.await(id, -1);
    claim(id);
    cgroups.remove(CgroupPath.of(container.cgroup()));
    stateTrash.discard(layout.stateOf(id));
    SandboxFolders.delete(layout.socket(id)); // left when its shim was killed
    dataTrash.discard(layout.data(id));
    images.release(id.value());
    containers.remove(id);
    specs.forget(id);
    return id;
  }

  /** An interrupted removal has claimed it already; what runs again meanwhile is refused. */
  private void claim(ContainerId id) {
    boolean claimed =
        containers
            .find(id.value())
            .filter(c -> c.state() instanceof ContainerState.Removing)
            .isPresent();
    if (!claimed) {
      containers.move(id, new ContainerState.Removing());
    }
  }
}
