package io.onggi.sandbox;

import io.onggi.network.Attachment;
import java.time.Instant;
import java.util.Optional;

/**
 * Where a sandbox stands.
 *
 * <pre>
 *   RunPodSandbox          StopPodSandbox            RemovePodSandbox
 *   ─────────────▶ Ready ────────────────▶ NotReady ────────────────▶ (gone)
 * </pre>
 *
 * A sandbox is registered only once it is ready: one that fails to start leaves nothing behind.
 */
public sealed interface SandboxState {
  /** Serving: namespaces pinned, network attached. */
  record Ready(Optional<Attachment> attachment, Optional<PodInit> init) implements SandboxState {}

  /**
   * Stopped: nothing of it lives in the kernel.
   *
   * @param attachment what it had, for status
   */
  record NotReady(Instant at, Optional<Attachment> attachment) implements SandboxState {}

  /** The init process of a pod whose containers share a pid namespace. */
  record PodInit(int pid, long startTime) {}
}
