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
 * publish, notify outside the lock. Who is notified hears of one member's changes in their order.
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
  private final Consumer<Change<T>> changed;
  private final Map<String, T> byId = new ConcurrentHashMap<>();
  private final Striped<Lock> locks = Striped.lock(STRIPES);
  private final Striped<Lock> turns = Striped.lock(STRIPES);

  /**
   * @param keyPrefix of the journal keys, such as {@code sandbox/}
   * @param changed told of every change, of one member in the order in which they were made; it
   *     must not change a member itself
   */
  public Registry(Journal journal, String keyPrefix, Class<T> type, Consumer<Change<T>> changed) {
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
                T loaded = RecordJson.fromBytes(value, type);
                byId.put(key.substring(keyPrefix.length()), loaded);
                changed.accept(new Change.Loaded<>(loaded));
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
    Lock lock = locks.get(id);
    lock.lock();
    boolean done = false;
    try {
      journal.put(keyPrefix + id, RecordJson.toBytes(value));
      byId.put(id, value);
      done = true;
    } finally {
      if (!done) {
        lock.unlock();
      }
    }
    tell(id, lock, new Change.Added<>(value));
  }

  /**
   * Changes one member under its lock.
   *
   * @param change sees the member as it is; may throw to refuse
   * @return the member as it is now; empty if it is gone
   */
  public Optional<T> update(String id, UnaryOperator<T> change) {
    T now;
    T next;
    Lock lock = locks.get(id);
    lock.lock();
    boolean done = false;
    try {
      now = byId.get(id);
      if (now == null) {
        return Optional.empty();
      }
      next = change.apply(now);
      if (next.equals(now)) {
        return Optional.of(now);
      }
      journal.put(keyPrefix + id, RecordJson.toBytes(next));
      byId.put(id, next);
      done = true;
    } finally {
      if (!done) {
        lock.unlock();
      }
    }
    tell(id, lock, new Change.Replaced<>(now, next));
    return Optional.of(next);
  }

  /** Idempotent. */
  public void remove(String id) {
    T last;
    Lock lock = locks.get(id);
    lock.lock();
    boolean done = false;
    try {
      last = byId.get(id);
      if (last == null) {
        return;
      }
      journal.delete(keyPrefix + id);
      byId.remove(id);
      done = true;
    } finally {
      if (!done) {
        lock.unlock();
      }
    }
    tell(id, lock, new Change.Removed<>(last));
  }

  /** Takes its turn before it gives the lock back, so that nobody's news overtakes these. */
  private void tell(String id, Lock held, Change<T> news) {
    Lock turn = turns.get(id);
    try {
      turn.lock();
    } finally {
      held.unlock();
    }
    try {
      changed.accept(news);
    } finally {
      turn.unlock();
    }
  }
}
