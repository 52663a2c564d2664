package io.onggi.sandbox;

import io.onggi.error.CriException;
import io.onggi.store.Change;
import io.onggi.store.Journal;
import io.onggi.store.Registry;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Every sandbox of this node; the only place where their state changes. */
public final class Sandboxes {
  private final Registry<Sandbox> registry;

  /**
   * @param changed told of every change, of one in their order
   */
  public Sandboxes(Journal journal, Consumer<Change<Sandbox>> changed) {
    this.registry = new Registry<>(journal, "sandbox/", Sandbox.class, changed);
  }

  /** Reads the journal; called once, before anything is served. */
  public void load() {
    registry.load();
  }

  /** All, oldest first. */
  public List<Sandbox> list() {
    return registry.all().stream().sorted(Comparator.comparing(Sandbox::createdAt)).toList();
  }

  /** By id or by a prefix of at least 4 digits that only one sandbox has. */
  public Optional<Sandbox> find(String idOrPrefix) {
    return registry.find(idOrPrefix);
  }

  /**
   * @throws CriException.NotFound naming the id
   */
  public Sandbox get(String idOrPrefix) {
    return find(idOrPrefix)
        .orElseThrow(
            () ->
                new CriException.NotFound(
                    "pod sandbox \""
                        + idOrPrefix
                        + "\" does not exist; `crictl pods` lists those that do"));
  }

  public Optional<Sandbox> named(SandboxName name) {
    return registry.all().stream().filter(s -> s.spec().name().equals(name)).findFirst();
  }

  void add(Sandbox sandbox) {
    registry.add(sandbox.id().value(), sandbox);
  }

  /**
   * Changes a sandbox; durable before it is seen.
   *
   * @return the sandbox as it is now; empty if it is gone
   */
  public Optional<Sandbox> update(SandboxId id, UnaryOperator<Sandbox> change) {
    return registry.update(id.value(), change);
  }

  void remove(SandboxId id) {
    registry.remove(id.value());
  }
}
