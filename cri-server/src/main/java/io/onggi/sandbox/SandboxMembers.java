package io.onggi.sandbox;

/** What a sandbox asks of the containers in it; the container package answers. */
public interface SandboxMembers {
  /** Ends every container of the sandbox at once (SIGKILL) and waits for their exit. Idempotent. */
  void stopAll(SandboxId sandbox);

  /** Removes every container of the sandbox, stopping first what runs. Idempotent. */
  void removeAll(SandboxId sandbox);
}
