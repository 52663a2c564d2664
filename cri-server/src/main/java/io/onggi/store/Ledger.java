package io.onggi.store;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * "Intent before act": an object's name is on disk before the object is made, and leaves the disk
 * after the object is gone. So whatever exists and is ours is in here, after any crash; {@code
 * onggi doctor} compares. Kept in a journal under keys {@code owned/KIND/NAME}; the value is the
 * owner.
 */
public final class Ledger {
  private static final String PREFIX = "owned/";

  private final Journal journal;

  public Ledger(Journal journal) {
    this.journal = journal;
  }

  /** On disk when it returns; now it may be made. Idempotent, a later owner replaces an earlier. */
  public void intend(Owned object) {
    intend(List.of(object));
  }

  /** Several with one sync. */
  public void intend(List<Owned> objects) {
    Map<String, byte[]> values = new LinkedHashMap<>();
    objects.forEach(o -> values.put(key(o), o.owner().getBytes(StandardCharsets.UTF_8)));
    journal.putAll(values);
  }

  /** It is gone from the kernel. Idempotent. */
  public void forget(Owned object) {
    journal.delete(key(object));
  }

  /** Several with one sync. */
  public void forget(List<Owned> objects) {
    journal.deleteAll(objects.stream().map(Ledger::key).toList());
  }

  /** Sorted by kind and name. */
  public List<Owned> all() {
    return journal.entries().entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(PREFIX))
        .map(entry -> owned(entry.getKey(), entry.getValue()))
        .toList();
  }

  public List<Owned> ownedBy(String owner) {
    return all().stream().filter(object -> object.owner().equals(owner)).toList();
  }

  private static String key(Owned object) {
    return PREFIX + object.kind() + "/" + object.name();
  }

  private static Owned owned(String key, byte[] value) {
    int slash = key.indexOf('/', PREFIX.length());
    return new Owned(
        key.substring(PREFIX.length(), slash),
        key.substring(slash + 1),
        new String(value, StandardCharsets.UTF_8));
  }
}
