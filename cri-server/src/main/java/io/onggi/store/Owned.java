package io.onggi.store;

/**
 * A kernel object, or a directory, that exists outside the daemon and has to be gone one day.
 *
 * @param kind {@code mount}, {@code netns}, {@code link}, {@code cgroup}, {@code nft}, {@code
 *     lease}, {@code directory}; a word without slash
 * @param name by which the kernel knows it; unique within the kind
 * @param owner id of the sandbox, container or image that it belongs to
 */
public record Owned(String kind, String name, String owner) {
  public Owned {
    if (kind.isEmpty() || kind.contains("/") || name.isEmpty() || owner.isEmpty()) {
      throw new IllegalArgumentException(
          "an owned object needs kind (without /), name and owner: "
              + kind
              + ", "
              + name
              + ", "
              + owner);
    }
  }
}
