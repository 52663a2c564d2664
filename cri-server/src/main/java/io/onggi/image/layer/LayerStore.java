package io.onggi.image.layer;

import io.onggi.image.content.Digest;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** The layers of this node, each kept once under the digest of its uncompressed archive. */
public interface LayerStore {
  /**
   * Makes the layer present; does nothing when it is, and waits when another thread is at it.
   *
   * @throws io.onggi.image.content.BadContent when the bytes are not that layer
   * @throws io.onggi.error.CriException.ResourceExhausted when the disk is full
   */
  LayerUsage ensure(Digest diffId, LayerSource source);

  /** What a layer takes, or empty when it is not present. */
  Optional<LayerUsage> usage(Digest diffId);

  /** The directory of a present layer for overlay's lowerdir. */
  Path directory(Digest diffId);

  /** An empty directory, in place of the layers of an image that has none. */
  Path emptyDirectory();

  /** Every present layer. */
  Set<Digest> layers();

  /** What all layers take together, without looking at the disk. */
  LayerUsage total();

  /**
   * Takes the layer out of sight at once; idempotent.
   *
   * @return deletes what is left of it on disk, which takes its time; to be run without locks
   */
  Runnable remove(Digest diffId);
}
