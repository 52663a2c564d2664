package io.onggi.sandbox;

import io.onggi.network.Attachment;
import java.time.Instant;
import java.util.Optional;

/** One pod sandbox as it is now; replaced whole at each change ({@link Sandboxes#update}). */
public record Sandbox(SandboxId id, SandboxSpec spec, Instant createdAt, SandboxState state) {
  public Sandbox with(SandboxState next) {
    return new Sandbox(id, spec, createdAt, next);
  }

  public Sandbox with(SandboxSpec changed) {
    return new Sandbox(id, changed, createdAt, state);
  }

  public boolean ready() {
    return switch (state) {
      case SandboxState.Ready _ -> true;
      case SandboxState.NotReady _ -> false;
    };
  }

  /** The pod's network attachment, present unless it uses the host's network. */
  public Optional<Attachment> attachment() {
    return switch (state) {
      case SandboxState.Ready r -> r.attachment();
      case SandboxState.NotReady n -> n.attachment();
    };
  }
}
