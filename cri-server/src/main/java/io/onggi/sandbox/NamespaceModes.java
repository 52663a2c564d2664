package io.onggi.sandbox;

import io.onggi.error.CriException;
import java.util.Optional;

/**
 * Whose network, pid and ipc namespaces are used (CRI NamespaceOption), and whether the pod has a
 * user namespace of its own.
 *
 * @param targetId with pid TARGET: the container whose pid namespace is entered; else empty
 * @param user empty: the node's users
 */
public record NamespaceModes(
    NamespaceMode network,
    NamespaceMode pid,
    NamespaceMode ipc,
    String targetId,
    Optional<UserMapping> user) {
  /** What CRI means by an absent option: everything shared by the pod, pids included. */
  public static final NamespaceModes POD_SHARED =
      new NamespaceModes(NamespaceMode.POD, NamespaceMode.POD, NamespaceMode.POD, "");

  /**
   * The node's processes and SysV objects belong to users that the pod has not: Kubernetes refuses
   * hostUsers: false with hostPID and hostIPC too. The node's network is possible, its owner is the
   * node.
   */
  public NamespaceModes {
    if (user.isPresent() && (pid == NamespaceMode.NODE || ipc == NamespaceMode.NODE)) {
      throw new CriException.InvalidArgument(
          "namespace_options: a user namespace (userns_options.mode POD) excludes the node's "
              + (pid == NamespaceMode.NODE ? "pid" : "ipc")
              + " namespace; set one of them to POD");
    }
  }

  /** Without a user namespace. */
  public NamespaceModes(
      NamespaceMode network, NamespaceMode pid, NamespaceMode ipc, String targetId) {
    this(network, pid, ipc, targetId, Optional.empty());
  }
}
