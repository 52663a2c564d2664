package io.onggi.sandbox;

import io.onggi.store.Ledger;
import io.onggi.store.Owned;

/**
 * RemovePodSandbox: stops what runs, removes every container of the pod and the sandbox itself. An
 * unknown sandbox is success (CRI: idempotent).
 */
public final class RemoveSandbox {
  private final Sandboxes sandboxes;
  private final StopSandbox stop;
  private final SandboxMembers members;
  private final SandboxLayout layout;
  private final Ledger ledger;
  private final Trash trash;
  private final Joined<SandboxId, SandboxId> operations = new Joined<>();

  public RemoveSandbox(
      Sandboxes sandboxes,
      StopSandbox stop,
      SandboxMembers members,
      SandboxLayout layout,
      Ledger ledger,
      Trash trash) {
    this.sandboxes = sandboxes;
    this.stop = stop;
    this.members = members;
    this.layout = layout;
    this.ledger = ledger;
    this.trash = trash;
  }

  public void remove(String idOrPrefix) {
    sandboxes.find(idOrPrefix).ifPresent(s -> operations.run(s.id(), () -> removeOnce(s)));
  }

  private SandboxId removeOnce(Sandbox sandbox) {
    SandboxId id = sandbox.id();
    stop.stop(id.value());
    members.removeAll(id);
    trash.discard(layout.directory(id));
    sandboxes.remove(id);
    ledger.forget(new Owned("sandbox", id.value(), sandbox.spec().name().toString()));
    return id;
  }
}
