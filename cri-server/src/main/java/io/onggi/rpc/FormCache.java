package io.onggi.rpc;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What a record looks like in CRI, made once for each state of it: records are immutable and
 * replaced whole, so the same object has the same form. A kubelet lists everything each second and
 * nearly nothing has changed. Thread-safe.
 *
 * @param <I> an immutable record
 * @param <P> its form
 */
final class FormCache<I, P> {
  private record Made<I, P>(I from, P form) {}

  private final Function<I, String> id;
  private final Function<I, P> form;
  private final Map<String, Made<I, P>> made = new ConcurrentHashMap<>();

  /**
   * @param id of a record, the same in all its states
   */
  FormCache(Function<I, String> id, Function<I, P> form) {
    this.id = id;
    this.form = form;
  }

  @SuppressWarnings("ReferenceEquality") // the very same record: its fields need no look
  P of(I record) {
    String key = id.apply(record);
    Made<I, P> last = made.get(key);
    if (last != null && last.from == record) {
      return last.form;
    }
    P now = form.apply(record);
    made.put(key, new Made<>(record, now));
    return now;
  }

  /**
   * Forgets those that are gone, once they are as many as those that are not.
   *
   * @param live how many records there are
   * @param exists whether a record with that id is there
   */
  void trim(int live, Predicate<String> exists) {
    if (made.size() > 2 * live + 16) {
      made.keySet().removeIf(key -> !exists.test(key));
    }
  }

  int size() {
    return made.size();
  }
}
