package io.onggi.e2e.contract;

import io.onggi.e2e.Node;
import io.onggi.proto.ContainerConfig;
import io.onggi.proto.ImageSpec;
import io.onggi.proto.RemoveImageRequest;

/** The demo's image with some files changed, pulled from a registry of its own. */
final class Image implements AutoCloseable {
  private final Node node;
  private final String reference;

  private Image(Node node, String reference) {
    this.node = node;
    this.reference = reference;
  }

  /** The demo's image with those files: name, content, name, content... */
  static Image with(Node node, String... files) {
    TestImage image = TestImage.onDemo();
    for (int i = 0; i < files.length; i += 2) {
      image.file(files[i], files[i + 1]);
    }
    try (Registry registry = new Registry()) {
      String reference = registry.push("contract/files:1", image);
      registry.pull(node, reference);
      return new Image(node, reference);
    }
  }

  void use(ContainerConfig.Builder config) {
    config.getImageBuilder().setImage(reference);
  }

  @Override
  public void close() {
    node.cri()
        .images()
        .removeImage(
            RemoveImageRequest.newBuilder()
                .setImage(ImageSpec.newBuilder().setImage(reference))
                .build());
  }
}
