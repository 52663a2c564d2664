package io.onggi.image;

import io.onggi.error.CriException;
import io.onggi.image.content.BadContent;
import io.onggi.image.content.Descriptor;
import io.onggi.image.content.Digest;
import io.onggi.image.content.ImageReference;
import io.onggi.image.content.Manifest;
import io.onggi.image.content.Platform;
import io.onggi.image.registry.Credentials;
import io.onggi.image.registry.RegistryClient;
import io.onggi.image.registry.RegistrySession;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Fetches one image from its registry. */
final class PullImage {
  /** An index of indexes is allowed; a loop of them is not worth following. */
  private static final int MAX_DEPTH = 4;

  private final RegistryClient registry;
  private final InstallImage installer;
  private final Platform platform;

  PullImage(RegistryClient registry, InstallImage installer, Platform platform) {
    this.registry = registry;
    this.installer = installer;
    this.platform = platform;
  }

  /**
   * Blocks until the image is whole on this node.
   *
   * @throws CriException.Unknown when what the registry serves is damaged: the kubelet shows the
   *     message of that code as it is
   */
  ImageEntry pull(ImageReference reference, Optional<Credentials> credentials) {
    try {
      RegistrySession session = registry.session(reference, credentials);
      List<byte[]> manifests = new ArrayList<>();
      RegistrySession.Document document = session.manifest();
      Digest top = document.digest();
      Manifest.ImageManifest manifest = choose(reference, session, document, manifests);
      return installer.install(
          new Candidate(
              reference.toString(),
              reference.asTag().stream().toList(),
              List.of(reference.withDigest(top)),
              session.config(manifest.config()),
              manifests,
              manifest.layers().stream().map(session::layer).toList()));
    } catch (BadContent e) {
      throw new CriException.Unknown("pull image " + reference + ": " + e.getMessage(), e);
    }
  }

  private Manifest.ImageManifest choose(
      ImageReference reference,
      RegistrySession session,
      RegistrySession.Document first,
      List<byte[]> manifests) {
    RegistrySession.Document document = first;
    for (int depth = 0; depth < MAX_DEPTH; depth++) {
      String name = "manifest " + document.digest() + " of " + reference;
      manifests.add(document.bytes());
      switch (Manifest.parse(name, document.mediaType(), document.bytes())) {
        case Manifest.ImageManifest image -> {
          return image;
        }
        case Manifest.Index index -> {
          Descriptor chosen = index.choose(platform, name);
          document = session.manifest(chosen);
        }
      }
    }
    throw new BadContent("more than " + MAX_DEPTH + " indexes before the first manifest");
  }
}
