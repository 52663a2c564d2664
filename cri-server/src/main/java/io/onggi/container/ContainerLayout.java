package io.onggi.container;

import java.nio.file.Path;
import java.util.List;

/**
 * Where a container's files are.
 *
 * @param root the daemon's data folder: writable layers
 * @param state the daemon's state folder: plans, exit records, sockets; gone after a reboot
 */
public record ContainerLayout(Path root, Path state) {
  /** Holds upper/ and work/ of the overlay and config.json. */
  public Path data(ContainerId id) {
    return dataParent().resolve(id.value());
  }

  public Path upper(ContainerId id) {
    return data(id).resolve("upper");
  }

  public Path work(ContainerId id) {
    return data(id).resolve("work");
  }

  public Path config(ContainerId id) {
    return data(id).resolve("config.json");
  }

  public Path stateOf(ContainerId id) {
    return stateParent().resolve(id.value());
  }

  /** Where the root file system is attached, in the container's mount namespace only. */
  Path rootfs(ContainerId id) {
    return stateOf(id).resolve("rootfs");
  }

  /** The folders that hold one folder a container. */
  public List<Path> parents() {
    return List.of(dataParent(), stateParent());
  }

  private Path dataParent() {
    return root.resolve("containers");
  }

  private Path stateParent() {
    return state.resolve("containers");
  }

  public Path planFile(ContainerId id) {
    return stateOf(id).resolve("plan");
  }

  public Path exitRecord(ContainerId id) {
    return stateOf(id).resolve("exit");
  }

  /** Short, for a unix socket's path ends at 107 bytes: 128 bits of the id. */
  public Path socket(ContainerId id) {
    return state.resolve("s").resolve(id.value().substring(0, 32));
  }
}
