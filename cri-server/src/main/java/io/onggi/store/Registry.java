package io.onggi.store;

import com.google.common.util.concurrent.Striped;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Immutable records by id, each change durable before it is seen: compute, write to the journal,
 * publish, notify outside the lock.
 *
 * @param <T> a record that {@link RecordJson} can carry
 */
public final class Registry<T> {
  /** The shortest id prefix that names a member. */
  private static final int SHORTEST_PREFIX = 4;

  private static final int STRIPES = 64;

  private final Journal journal;
  private final String keyPrefix;
  private final Class<T> type;
  private final Consumer<T> changed;
  private final Map<String, T> byId = new ConcurrentHashMap<>();
  private final Striped<Lock> locks = Striped.lock(STRIPES);

  /**
   * @param keyPrefix of the journal keys, such as {@code sandbox/}
   * @param changed told of every addition and change
   */
  public Registry(Journal journal, String keyPrefix, Class<T> type, Consumer<T> changed) {
    this.journal = journal;
    this.keyPrefix = keyPrefix;
    this.type = type;
    this.changed = changed;
  }

  /** Reads the journal; called once, before anything is served. */
  public void load() {
    journal
        .entries()
        .forEach(
            (key, value) -> {
              if (key.startsWith(keyPrefix)) {
                byId.put(key.substring(keyPrefix.length()), RecordJson.fromBytes(value, type));
              }
            });
  }

  public Collection<T> all() {
    return List.copyOf(byId.values());
  }

  /** By id, or by a prefix of at least 4 digits that only one member has. */
  public Optional<T> find(String idOrPrefix) {
    T exact = byId.get(idOrPrefix);
    if (exact != null || idOrPrefix.length() < SHORTEST_PREFIX) {
      return Optional.ofNullable(exact);
    }
    List<T> matches =
        byId.entrySet().stream()
            .filter(e -> e.getKey().startsWith(idOrPrefix))
            .map(Map.Entry::getValue)
            .toList();
    return matches.size() == 1 ? Optional.of(matches.getFirst()) : Optional.empty();
  }

  public void add(String id, T value) {
    journal.put(keyPrefix + id, RecordJson.toBytes(value));
    byId.put(id, value);
    changed.accept(value);
  }

  /**
   * Changes one member under its lock.
   *
   * @param change sees the member as it is; may throw to refuse
   * @return the member as it is now; empty if it is gone
   */
  public Optional<T> update(String id, UnaryOperator<T> change) {
    T next;
    Lock lock = locks.get(id);
    lock.lock();
    try {
      T now = byId.get(id);
      if (now == null) {
        return Optional.empty();
      }
      next = change.apply(now);
      if (next.equals(now)) {
        return Optional.of(now);
      }
      journal.put(keyPrefix + id, RecordJson.toBytes(next));
      byId.put(id, next);
    } finally {
      lock.unlock();
    }
    changed.accept(next);
    return Optional.of(next);
  }

  /** Idempotent. */
  public void remove(String id) {
    Lock lock = locks.get(id);
    lock.lock();
    try {
      if (byId.containsKey(id)) {
        journal.delete(keyPrefix + id);
        byId.remove(id);
      }
    } finally {
      lock.unlock();
    }
  }
}
