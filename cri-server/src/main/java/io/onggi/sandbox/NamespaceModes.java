package io.onggi.sandbox;

/**
 * Whose network, pid and ipc namespaces are used (CRI NamespaceOption).
 *
 * @param targetId with pid TARGET: the container whose pid namespace is entered; else empty
 */
public record NamespaceModes(
    NamespaceMode network, NamespaceMode pid, NamespaceMode ipc, String targetId) {
  /** What CRI means by an absent option: everything shared by the pod, pids included. */
  public static final NamespaceModes POD_SHARED =
      new NamespaceModes(NamespaceMode.POD, NamespaceMode.POD, NamespaceMode.POD, "");
}
