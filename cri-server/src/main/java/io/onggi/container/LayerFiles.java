package io.onggi.container;

import io.onggi.linux.RootedFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Small files of an image, read through its layers as overlayfs would show them. */
final class LayerFiles {
  /** No passwd file is larger; a hostile image does not fill the daemon's memory. */
  private static final int LIMIT = 1 << 20;

  private LayerFiles() {}

  /**
   * @param layers topmost first
   * @param path relative, such as {@code etc/passwd}; symbolic links stay inside the layer
   */
  static Optional<String> read(List<Path> layers, String path) {
    for (Path layer : layers) {
      switch (RootedFile.read(layer, path, LIMIT)) {
        case RootedFile.Content content -> {
          return Optional.of(new String(content.bytes(), StandardCharsets.UTF_8));
        }
        case RootedFile.Whiteout _ -> {
          return Optional.empty();
        }
        case RootedFile.Absent _ -> {
          continue;
        }
      }
    }
    return Optional.empty();
  }
}
