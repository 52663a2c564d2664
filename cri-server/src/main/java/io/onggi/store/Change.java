package io.onggi.store;

/**
 * What happened to one member of a {@link Registry}.
 *
 * @param <T> the members; immutable
 */
public sealed interface Change<T> {
  /** Read from the journal when the daemon began; nothing has happened to it. */
  record Loaded<T>(T value) implements Change<T> {}

  record Added<T>(T value) implements Change<T> {}

  record Replaced<T>(T before, T after) implements Change<T> {}

  /**
   * @param last as it was
   */
  record Removed<T>(T last) implements Change<T> {}
}
