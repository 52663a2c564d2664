package io.onggi.image.content;

import java.util.Map;
import java.util.Optional;

/**
 * A pointer to content (OCI image specification, descriptor.md).
 *
 * @param mediaType "" when the document does not say
 * @param size bytes
 */
public record Descriptor(
    String mediaType,
    Digest digest,
    long size,
    Optional<Platform> platform,
    Map<String, String> annotations) {

  public Descriptor {
    annotations = Map.copyOf(annotations);
  }

  static Descriptor of(Json json) {
    return new Descriptor(
        json.string("mediaType", ""),
        json.digest("digest").orElseThrow(() -> json.wrong("digest", "there")),
        json.size("size").orElseThrow(() -> json.wrong("size", "there")),
        Platform.ofChild(json),
        json.stringMap("annotations"));
  }
}
