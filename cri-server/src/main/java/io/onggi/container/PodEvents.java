package io.onggi.container;

import io.onggi.event.EventHub;
import io.onggi.sandbox.Sandbox;
import io.onggi.sandbox.SandboxId;
import io.onggi.sandbox.SandboxState;
import io.onggi.store.Change;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The one place that every event of a container or sandbox goes through, in one order: the two
 * registries tell it of each change, it works out what that means and publishes it with the whole
 * pod as it then was. Whatever else wants to hear of events (NRI) attaches here. Thread-safe.
 *
 * <p>What an event means, by the change of state:
 *
 * <pre>
 *   container  (new) → CREATED   Starting → Running: STARTED   any → Exited: STOPPED   (gone) → DELETED
 *   sandbox    (new) → CREATED, STARTED            Ready → NotReady: STOPPED           (gone) → DELETED
 * </pre>
 *
 * A container whose start fails is STOPPED without having been STARTED.
 */
public final class PodEvents implements AutoCloseable {
  /** Kept for a client that comes back, and how far one may be behind. */
  static final int KEPT = 1024;

  /** One pod as this place has heard of it. */
  private static final class Pod {
    private @Nullable Sandbox sandbox;
    private final Map<ContainerId, Container> containers = new LinkedHashMap<>();
  }

  private final EventHub<PodEvent> hub;
  private final InstantSource clock;
  // guarded by this
  private final Map<SandboxId, Pod> pods = new HashMap<>();
  private Instant last = Instant.EPOCH;

  public PodEvents(InstantSource clock) {
    this(clock, KEPT);
  }

  PodEvents(InstantSource clock, int kept) {
    this.clock = clock;
    this.hub = new EventHub<>(kept);
  }

  /** Where they can be heard. */
  public EventHub<PodEvent> hub() {
    return hub;
  }

  /** Told by the registry of sandboxes. */
  public synchronized void sandboxChanged(Change<Sandbox> change) {
    switch (change) {
      case Change.Loaded<Sandbox>(Sandbox sandbox) -> pod(sandbox.id()).sandbox = sandbox;
      case Change.Added<Sandbox>(Sandbox sandbox) -> {
        pod(sandbox.id()).sandbox = sandbox;
        publish(PodEvent.Kind.CREATED, sandbox.id().value(), sandbox.id());
        publish(PodEvent.Kind.STARTED, sandbox.id().value(), sandbox.id());
      }
      case Change.Replaced<Sandbox>(Sandbox before, Sandbox after) -> {
        pod(after.id()).sandbox = after;
        if (before.ready() && after.state() instanceof SandboxState.NotReady) {
          publish(PodEvent.Kind.STOPPED, after.id().value(), after.id());
        }
      }
      case Change.Removed<Sandbox>(Sandbox sandbox) -> {
        publish(PodEvent.Kind.DELETED, sandbox.id().value(), sandbox.id());
        pods.remove(sandbox.id());
      }
    }
  }

  /** Told by the registry of containers. */
  public synchronized void containerChanged(Change<Container> change) {
    switch (change) {
      case Change.Loaded<Container>(Container container) -> put(container);
      case Change.Added<Container>(Container container) -> {
        put(container);
        publish(PodEvent.Kind.CREATED, container);
      }
      case Change.Replaced<Container>(Container before, Container after) -> {
        put(after);
        if (!before.state().getClass().equals(after.state().getClass())) {
          entered(after);
        }
      }
      case Change.Removed<Container>(Container container) -> {
        pod(container.spec().sandbox()).containers.remove(container.id());
        publish(PodEvent.Kind.DELETED, container);
      }
    }
  }

  private void entered(Container container) {
    switch (container.state()) {
      case ContainerState.Running _ -> publish(PodEvent.Kind.STARTED, container);
      case ContainerState.Exited _ -> publish(PodEvent.Kind.STOPPED, container);
      case ContainerState.Created _, ContainerState.Starting _, ContainerState.Removing _ -> {}
    }
  }

  private Pod pod(SandboxId id) {
    return pods.computeIfAbsent(id, _ -> new Pod());
  }

  private void put(Container container) {
    pod(container.spec().sandbox()).containers.put(container.id(), container);
  }

  private void publish(PodEvent.Kind kind, Container container) {
    publish(kind, container.id().value(), container.spec().sandbox());
  }

  private void publish(PodEvent.Kind kind, String id, SandboxId of) {
    Pod pod = pod(of);
    if (pod.sandbox == null) {
      return; // a record that has lost its pod: nobody could tell whose event it was
    }
    Instant now = clock.instant();
    last = now.isAfter(last) ? now : last.plusNanos(1);
    List<Container> containers =
        pod.containers.values().stream()
            .sorted(Comparator.comparing(Container::createdAt))
            .toList();
    hub.publish(new PodEvent(kind, id, last, pod.sandbox, containers));
  }

  /** Whoever listens reads what is kept and then the end. */
  @Override
  public void close() {
    hub.close();
  }
}
