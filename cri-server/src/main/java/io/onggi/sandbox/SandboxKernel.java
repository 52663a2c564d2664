package io.onggi.sandbox;

import io.onggi.network.AttachRequest;
import io.onggi.network.Attachment;
import java.util.Optional;

/**
 * What a sandbox has in the kernel, made and unmade; the verbs decide when. Every {@code ensureNo…}
 * is idempotent.
 */
public interface SandboxKernel {
  /** Makes the pod's own cgroup, if it is to have one; refuses a parent of the wrong form. */
  void makeCgroup(SandboxId id, SandboxSpec spec);

  void ensureNoCgroup(SandboxId id);

  /** Makes and pins the namespaces the pod does not share with the host; sets name and sysctls. */
  void pinNamespaces(SandboxId id, SandboxSpec spec);

  void ensureNoPins(SandboxId id);

  /** Mounts the pod's /dev/shm, 64 MiB, unless it shares the host's ipc. */
  void mountShm(SandboxId id, SandboxSpec spec);

  void ensureNoShm(SandboxId id);

  Attachment attach(AttachRequest request);

  void ensureDetached(SandboxId id);

  /** Starts the pod's init, when its containers share a pid namespace, and pins that. */
  Optional<SandboxState.PodInit> startInit(SandboxId id, SandboxSpec spec);

  void ensureNoInit(SandboxId id);

  /** Takes away whatever there may be; every step runs even when one fails. */
  default void ensureNothing(SandboxId id) {
    try (Undo all = new Undo()) {
      all.push(() -> ensureNoCgroup(id));
      all.push(() -> ensureNoShm(id));
      all.push(() -> ensureNoPins(id));
      all.push(() -> ensureDetached(id));
      all.push(() -> ensureNoInit(id));
    }
  }

  /** Whether what the state says is pinned is there: false after the pins were taken away. */
  boolean alive(SandboxId id, SandboxSpec spec);
}
