package io.onggi.image;

import java.nio.file.Path;
import java.util.List;

/**
 * Where images live and how they are fetched.
 *
 * @param directory the store's folder, ROOT/images; made when absent
 * @param registryConfig folder with HOST/hosts.toml files in containerd's format; may be absent
 * @param pinned references that are listed as pinned
 * @param parallelLayers how many layers are unpacked at once, over all pulls
 */
public record ImageSettings(
    Path directory, Path registryConfig, List<String> pinned, int parallelLayers) {
  public ImageSettings {
    pinned = List.copyOf(pinned);
    if (parallelLayers < 1) {
      throw new IllegalArgumentException("parallelLayers must be at least 1");
    }
  }

  /** The defaults: nothing pinned, three layers at once. */
  public static ImageSettings of(Path directory, Path registryConfig) {
    return new ImageSettings(directory, registryConfig, List.of(), 3);
  }
}
