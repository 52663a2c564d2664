package io.onggi.container;

import io.onggi.sandbox.NamespaceMode;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a container takes from its sandbox: pins of namespaces and shared files. Empty where the
 * host's own is used.
 *
 * @param pidNamespace pin of the pid namespace that is joined; empty: a new one, or the host's when
 *     {@code hostPid}
 * @param shm directory bound on /dev/shm
 * @param network whose network it is, for sysfs
 * @param userNamespace pin of the pod's; empty: the node's
 */
public record SandboxFiles(
    Optional<Path> netNamespace,
    Optional<Path> ipcNamespace,
    Optional<Path> utsNamespace,
    Optional<Path> pidNamespace,
    boolean hostPid,
    Path shm,
    Path hosts,
    Path hostname,
    Path resolvConf,
    String hostnameText,
    NamespaceMode network,
    Optional<Path> userNamespace) {
  /** Of a pod with the node's users. */
  public SandboxFiles(
      Optional<Path> netNamespace,
      Optional<Path> ipcNamespace,
      Optional<Path> utsNamespace,
      Optional<Path> pidNamespace,
      boolean hostPid,
      Path shm,
      Path hosts,
      Path hostname,
      Path resolvConf,
      String hostnameText,
      NamespaceMode network) {
    this(
        netNamespace,
        ipcNamespace,
        utsNamespace,
        pidNamespace,
        hostPid,
        shm,
        hosts,
        hostname,
        resolvConf,
        hostnameText,
        network,
        Optional.empty());
  }
}
