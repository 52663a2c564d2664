package io.onggi.container;

import static io.onggi.linux.KernelConstants.CLONE_NEWCGROUP;
import static io.onggi.linux.KernelConstants.CLONE_NEWNS;
import static io.onggi.linux.KernelConstants.CLONE_NEWUSER;

import io.onggi.launch.LaunchStep;
import io.onggi.sandbox.IdMapping;
import io.onggi.sandbox.UserMapping;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The steps that a user namespace adds to a plan. All is built with the node's rights and entered
 * last: the kernel then locks every mount in the copy of the mount namespace that the user
 * namespace owns, so not even CAP_SYS_ADMIN in it uncovers a masked path (man 7 mount_namespaces).
 *
 * @param pin of the pod's user namespace
 */
record UserSteps(String pin, UserMapping mapping) {
  /** Holds the namespace from the first step to its entry; above those of mounts. */
  static final int SLOT = 2047;

  /** Empty when the container has the node's users. */
  static Optional<UserSteps> of(OciSpec.Linux linux) {
    return linux.namespaces().stream()
        .filter(n -> n.type().equals("user") && !n.path().isEmpty())
        .findFirst()
        .map(
            n ->
                new UserSteps(
                    n.path(),
                    new UserMapping(
                        one(linux.uidMappings().orElseThrow()),
                        one(linux.gidMappings().orElseThrow()))));
  }

  private static IdMapping one(List<OciSpec.IdMap> list) {
    OciSpec.IdMap m = list.getFirst();
    return new IdMapping(m.containerID(), m.hostID(), m.size());
  }

  /** While the host's paths are in view. */
  LaunchStep open() {
    return new LaunchStep.OpenNs(SLOT, pin);
  }

  /**
   * Layers and writable folder, each mounted over itself with the map, so that the overlay finds
   * them by their own paths and what is on disk stays as it is. What is made from here on belongs
   * to the pod's root: nobody else of the node may make anything in such a mount.
   *
   * @param slot free to use
   */
  List<LaunchStep> mapFolders(int slot, List<Path> layers, Path writable) {
    String lower = common(layers).toString();
    String upper = writable.toString();
    return List.of(
        new LaunchStep.OpenTree(slot, false, lower),
        new LaunchStep.IdMap(slot, false, SLOT, lower),
        new LaunchStep.Place(slot, lower),
        new LaunchStep.OpenTree(slot, false, upper),
        new LaunchStep.IdMap(slot, false, SLOT, upper),
        new LaunchStep.Place(slot, upper),
        new LaunchStep.FsOwner(new LaunchStep.Owner(mapping.rootUid(), mapping.rootGid())));
  }

  /** The deepest folder that holds all of them. */
  static Path common(List<Path> layers) {
    Path common = layers.getFirst();
    for (Path layer : layers) {
      while (!layer.startsWith(common)) {
        common = Objects.requireNonNull(common.getParent()); // ends at the root
      }
    }
    return common;
  }

  /** The last that needs the node's rights, and the entry. */
  List<LaunchStep> enter(OciSpec.User user) {
    return List.of(
        stdio(user),
        new LaunchStep.EnterNs(SLOT, CLONE_NEWUSER),
        new LaunchStep.Unshare(CLONE_NEWNS | CLONE_NEWCGROUP));
  }

  /** The same for a process that joins a running container, whose other namespaces it is in. */
  List<LaunchStep> join(OciSpec.User user) {
    return List.of(stdio(user), new LaunchStep.JoinContainer(CLONE_NEWUSER));
  }

  private LaunchStep stdio(OciSpec.User user) {
    return new LaunchStep.StdioOwner(
        new LaunchStep.Owner(mapping.uids().onHost(user.uid()), mapping.gids().onHost(user.gid())));
  }

  /**
   * A file system's {@code uid=} or {@code gid=}: mounted with the node's rights, it means its ids.
   */
  String onHost(String option) {
    if (option.startsWith("uid=")) {
      return "uid=" + onHost(mapping.uids(), option.substring(4));
    }
    return option.startsWith("gid=")
        ? "gid=" + onHost(mapping.gids(), option.substring(4))
        : option;
  }

  private static String onHost(IdMapping ids, String id) {
    boolean mapped = id.matches("[0-9]{1,10}") && ids.maps(Long.parseLong(id));
    return mapped ? Long.toString(ids.onHost(Long.parseLong(id))) : id;
  }

  /**
   * Owner of a device node. Those that every container has are the pod's root's; any other keeps
   * its owner on the node: what only the node's root may open, the pod's root may not.
   */
  LaunchStep.Owner owner(OciSpec.Device device) {
    return MountCompiler.standardDevices().contains(device)
        ? new LaunchStep.Owner(mapping.rootUid(), mapping.rootGid())
        : new LaunchStep.Owner(device.uid(), device.gid());
  }
}
