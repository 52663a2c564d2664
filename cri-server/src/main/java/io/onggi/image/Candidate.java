package io.onggi.image;

import io.onggi.image.content.ImageReference;
import io.onggi.image.layer.LayerSource;
import java.util.List;

/**
 * An image that is about to be installed: its documents in memory, its layers still to be read.
 *
 * @param name what messages call it
 * @param manifests index and manifest as they came; kept as blobs
 * @param layers in the manifest's order, the base first
 */
@SuppressWarnings("ArrayRecordComponent") // documents to store, never compared
record Candidate(
    String name,
    List<ImageReference> tags,
    List<ImageReference> repoDigests,
    byte[] config,
    List<byte[]> manifests,
    List<LayerSource> layers) {}
