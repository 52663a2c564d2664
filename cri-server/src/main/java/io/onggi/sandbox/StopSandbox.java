package io.onggi.sandbox;

import java.time.InstantSource;

/**
 * StopPodSandbox: ends every container of the pod and gives back its address and namespaces. An
 * unknown or stopped sandbox is success (CRI: idempotent).
 */
public final class StopSandbox {
  private final Sandboxes sandboxes;
  private final SandboxMembers members;
  private final SandboxKernel kernel;
  private final InstantSource clock;
  private final Joined<SandboxId, SandboxId> operations = new Joined<>();

  public StopSandbox(
      Sandboxes sandboxes, SandboxMembers members, SandboxKernel kernel, InstantSource clock) {
    this.sandboxes = sandboxes;
    this.members = members;
    this.kernel = kernel;
    this.clock = clock;
  }

  public void stop(String idOrPrefix) {
    sandboxes
        .find(idOrPrefix)
        .filter(Sandbox::ready)
        .ifPresent(s -> operations.run(s.id(), () -> stopOnce(s.id())));
  }

  private SandboxId stopOnce(SandboxId id) {
    members.stopAll(id);
    kernel.ensureNothing(id);
    sandboxes.update(id, s -> s.with(new SandboxState.NotReady(clock.instant(), s.attachment())));
    members.stopAll(id); // one that was started between the two; from here on none can be
    return id;
  }
}
