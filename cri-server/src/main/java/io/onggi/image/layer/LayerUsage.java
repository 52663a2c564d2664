package io.onggi.image.layer;

/**
 * What a layer takes on disk, counted while it was laid down.
 *
 * @param bytes of data, in whole blocks of 4096
 */
public record LayerUsage(long bytes, long inodes) {
  public LayerUsage plus(LayerUsage other) {
    return new LayerUsage(bytes + other.bytes, inodes + other.inodes);
  }
}
