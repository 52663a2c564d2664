package io.onggi.container;

import io.onggi.sandbox.Sandbox;
import java.time.Instant;
import java.util.List;

/**
 * Something that happened to a container or a sandbox, and the whole pod as it was right after.
 *
 * @param kind what happened
 * @param id of the container, or of the sandbox for an event of the sandbox itself
 * @param at later than every event before it, by a nanosecond at least
 * @param sandbox as it was; for a deleted one as it was last
 * @param containers of the pod, a deleted one no longer among them, oldest first
 */
public record PodEvent(
    Kind kind, String id, Instant at, Sandbox sandbox, List<Container> containers) {
  public PodEvent {
    containers = List.copyOf(containers);
  }

  /** The four kinds that the CRI knows. */
  public enum Kind {
    CREATED,
    STARTED,
    STOPPED,
    DELETED
  }
}
