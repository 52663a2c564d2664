package io.onggi.image.content;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A manifest document: one image, or an index that leads to one per platform (OCI image
 * specification manifest.md and image-index.md; Docker image manifest version 2, schema 2).
 */
public sealed interface Manifest {
  String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
  String DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
  String DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";

  /** What a client says it understands. */
  String ACCEPT = String.join(", ", OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST);

  /** More layers than overlayfs takes (500) make no image that could run. */
  int MAX_LAYERS = 500;

  /** One image: its configuration and its layers, the base first. */
  record ImageManifest(Descriptor config, List<Descriptor> layers) implements Manifest {
    public ImageManifest {
      layers = List.copyOf(layers);
    }
  }

  /** Several manifests, one for each platform. */
  record Index(List<Descriptor> manifests) implements Manifest {
    public Index {
      manifests = List.copyOf(manifests);
    }

    /**
     * The manifest for that platform: the first whose platform the host runs, or the only one if it
     * names no platform.
     */
    public Descriptor choose(Platform host, String document) {
      for (Descriptor candidate : manifests) {
        if (candidate.platform().map(host::runs).orElse(false)) {
          return candidate;
        }
      }
      if (manifests.size() == 1 && manifests.getFirst().platform().isEmpty()) {
        return manifests.getFirst();
      }
      String offered =
          manifests.stream()
              .map(m -> m.platform().map(Platform::toString).orElse("(unnamed)"))
              .limit(20)
              .collect(Collectors.joining(", "));
      throw new BadContent(document + " has no image for " + host + ", only for: " + offered);
    }
  }

  /**
   * Reads a manifest or an index, told apart by what is in it when the media type is absent.
   *
   * @param mediaType the registry's Content-Type or the descriptor's; "" when unknown
   * @throws BadContent for anything else, naming the document
   */
  static Manifest parse(String document, String mediaType, byte[] bytes) {
    Json json = Json.parse(document, bytes);
    String type = json.string("mediaType", mediaType);
    if (type.equals(OCI_INDEX) || type.equals(DOCKER_LIST) || json.object().has("manifests")) {
      return new Index(json.children("manifests").stream().map(Descriptor::of).toList());
    }
    if (json.size("schemaVersion").filter(version -> version == 1).isPresent()) {
      throw new BadContent(
          document + " is a Docker schema 1 manifest: push the image again with a newer client");
    }
    List<Json> layers = json.children("layers");
    if (layers.size() > MAX_LAYERS) {
      throw new BadContent(
          document + " has " + layers.size() + " layers; overlayfs takes at most " + MAX_LAYERS);
    }
    return new ImageManifest(
        Descriptor.of(json.child("config").orElseThrow(() -> json.wrong("config", "there"))),
        layers.stream().map(Descriptor::of).toList());
  }
}
