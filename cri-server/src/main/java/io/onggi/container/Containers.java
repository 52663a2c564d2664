package io.onggi.container;

import io.onggi.error.CriException;
import io.onggi.sandbox.SandboxId;
import io.onggi.store.Change;
import io.onggi.store.Journal;
import io.onggi.store.Registry;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Every container of this node; the only place where their state changes. */
public final class Containers {
  private final Registry<Container> registry;
  private final Map<ContainerId, Lock> lifecycles = new ConcurrentHashMap<>();

  /**
   * @param changed told of every change, of one in their order
   */
  public Containers(Journal journal, Consumer<Change<Container>> changed) {
    this.registry = new Registry<>(journal, "container/", Container.class, changed);
  }

  /** Reads the journal; called once, before anything is served. */
  public void load() {
    registry.load();
  }

  /** All, oldest first. */
  public List<Container> list() {
    return registry.all().stream().sorted(Comparator.comparing(Container::createdAt)).toList();
  }

  public List<Container> of(SandboxId sandbox) {
    return registry.all().stream().filter(c -> c.spec().sandbox().equals(sandbox)).toList();
  }

  /** By id or by a prefix of at least 4 digits that only one container has. */
  public Optional<Container> find(String idOrPrefix) {
    return registry.find(idOrPrefix);
  }

  /**
   * @throws CriException.NotFound naming the id
   */
  public Container get(String idOrPrefix) {
    return find(idOrPrefix)
        .orElseThrow(
            () ->
                new CriException.NotFound(
                    "container \""
                        + idOrPrefix
                        + "\" does not exist; `crictl ps -a` lists those that do"));
  }

  void add(Container container) {
    registry.add(container.id().value(), container);
  }

  /**
   * Goes to the next state if the chart allows it; durable before it is seen.
   *
   * @return the container as it is now; empty if it is gone
   * @throws CriException.FailedPrecondition naming both states when the chart has no such arrow
   */
  public Optional<Container> move(ContainerId id, ContainerState next) {
    return update(
        id,
        now -> {
          if (!now.state().allows(next)) {
            throw new CriException.FailedPrecondition(
                "container "
                    + id
                    + " is "
                    + name(now.state())
                    + ", it cannot become "
                    + name(next));
          }
          return now.with(next);
        });
  }

  /** Any other change of a container's record. */
  public Optional<Container> update(ContainerId id, UnaryOperator<Container> change) {
    return registry.update(id.value(), change);
  }

  /**
   * Held while a container is started and while it is removed, and taken briefly by a stop, so that
   * a start in flight is never overtaken by the end of what it starts.
   */
  Lock lifecycle(ContainerId id) {
    return lifecycles.computeIfAbsent(id, _ -> new ReentrantLock());
  }

  void remove(ContainerId id) {
    registry.remove(id.value());
    lifecycles.remove(id);
  }

  private static String name(ContainerState state) {
    return state.getClass().getSimpleName();
  }
}
