package io.onggi.image;

import io.onggi.image.content.Digest;
import io.onggi.image.content.ImageConfig;
import io.onggi.image.content.ImageReference;
import java.time.Instant;
import java.util.List;

/**
 * An image that is whole on this node.
 *
 * @param id digest of its configuration: the CRI's Image.id and image_ref (checklist 33, 43)
 * @param tags the CRI's RepoTags; empty after a pull by digest
 * @param repoDigests the CRI's RepoDigests: name@digest of the manifest or index that was asked for
 * @param size bytes that it takes on disk, unpacked, shared layers included; always above zero
 * @param diffIds its layers, the base first
 * @param pinned a hint to the kubelet that this image is not to be collected (checklist 44)
 * @param pulledAt when this node got it
 */
public record Image(
    Digest id,
    List<ImageReference> tags,
    List<ImageReference> repoDigests,
    long size,
    ImageConfig config,
    List<Digest> diffIds,
    boolean pinned,
    Instant pulledAt) {

  public Image {
    tags = List.copyOf(tags);
    repoDigests = List.copyOf(repoDigests);
    diffIds = List.copyOf(diffIds);
  }
}
