package io.onggi.sandbox;

import io.onggi.linux.Namespaces;
import java.nio.file.Path;

/**
 * Where a sandbox's files are: all below the daemon's state folder, so that nothing of a pod
 * outlives a reboot.
 *
 * @param state the daemon's state folder, such as /run/onggi
 */
public record SandboxLayout(Path state) {
  /** Holds one folder a sandbox. */
  public Path sandboxes() {
    return state.resolve("sandboxes");
  }

  public Path directory(SandboxId id) {
    return sandboxes().resolve(id.value());
  }

  /** Pin of a namespace. */
  public Path pin(SandboxId id, Namespaces.Kind kind) {
    return directory(id).resolve(kind.procName());
  }

  /** Pin of the pid namespace that the pod's containers share. */
  public Path pidPin(SandboxId id) {
    return directory(id).resolve("pid");
  }

  /** A tmpfs, /dev/shm of every container of the pod. */
  public Path shm(SandboxId id) {
    return directory(id).resolve("shm");
  }

  public Path hosts(SandboxId id) {
    return directory(id).resolve("hosts");
  }

  public Path hostname(SandboxId id) {
    return directory(id).resolve("hostname");
  }

  public Path resolvConf(SandboxId id) {
    return directory(id).resolve("resolv.conf");
  }

  /** Where the pod's init has its empty root. */
  public Path initRoot(SandboxId id) {
    return directory(id).resolve("initroot");
  }

  /** The shim of the pod's init, when its containers share a pid namespace. */
  public Path initSocket(SandboxId id) {
    return state.resolve("s").resolve("p" + id.value().substring(0, 31));
  }
}
