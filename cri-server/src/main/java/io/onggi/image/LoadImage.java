package io.onggi.image;

import io.onggi.error.CriException;
import io.onggi.image.content.BadContent;
import io.onggi.image.content.Descriptor;
import io.onggi.image.content.ImageReference;
import io.onggi.image.content.Json;
import io.onggi.image.content.Manifest;
import io.onggi.image.content.Platform;
import io.onggi.image.layer.LayerSource;
import io.onggi.image.layer.VerifiedStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Loads the images of a tar file: Docker's archive (manifest.json, as {@code docker save} writes
 * it) or an OCI image layout (index.json). An archive that is both is read as the first, since only
 * that one is sure to hold full names.
 */
final class LoadImage {
  private static final int MAX_JSON = 8 << 20;
  private static final int MAX_DEPTH = 4;

  /** containerd's annotation for the full name; OCI's own often holds only the tag. */
  private static final List<String> NAME_ANNOTATIONS =
      List.of("io.containerd.image.name", "org.opencontainers.image.ref.name");

  private final InstallImage installer;
  private final Platform platform;
  private final Path scratch;

  LoadImage(InstallImage installer, Platform platform, Path scratch) {
    this.installer = installer;
    this.platform = platform;
    this.scratch = scratch;
  }

  /** Blocks until all images of the archive are whole on this node. */
  List<ImageEntry> load(Path file) {
    try (ImageArchive archive = ImageArchive.open(file, scratch)) {
      List<Candidate> candidates;
      if (archive.has("manifest.json")) {
        candidates = docker(archive, file);
      } else if (archive.has("index.json")) {
        candidates = layout(archive, file);
      } else {
        throw new BadContent("neither manifest.json (docker-archive) nor index.json (OCI) in it");
      }
      return candidates.stream().map(installer::install).toList();
    } catch (BadContent e) {
      throw new CriException.InvalidArgument("load " + file + ": " + e.getMessage(), e);
    }
  }

  private static List<Candidate> docker(ImageArchive archive, Path file) {
    List<Candidate> result = new ArrayList<>();
    byte[] manifest = archive.bytes("manifest.json", MAX_JSON);
    for (Json image : Json.parseList("manifest.json", manifest)) {
      String config = image.string("Config").orElseThrow(() -> image.wrong("Config", "there"));
      result.add(
          new Candidate(
              "image " + config + " of " + file,
              image.strings("RepoTags").stream().map(LoadImage::tag).toList(),
              List.of(),
              archive.bytes(config, MAX_JSON),
              List.of(),
              image.strings("Layers").stream()
                  .map(layer -> archive.layer(layer, bytes -> bytes))
                  .toList()));
    }
    return result;
  }

  private static ImageReference tag(String name) {
    try {
      return ImageReference.parse(name);
    } catch (CriException.InvalidArgument e) {
      throw new BadContent(String.valueOf(e.getMessage()), e);
    }
  }

  private List<Candidate> layout(ImageArchive archive, Path file) {
    List<Candidate> result = new ArrayList<>();
    byte[] bytes = archive.bytes("index.json", MAX_JSON);
    if (!(Manifest.parse("index.json", Manifest.OCI_INDEX, bytes)
        instanceof Manifest.Index index)) {
      throw new BadContent("index.json is no index");
    }
    for (Descriptor descriptor : index.manifests()) {
      result.add(candidate(archive, file, descriptor));
    }
    return result;
  }

  private Candidate candidate(ImageArchive archive, Path file, Descriptor top) {
    List<byte[]> manifests = new ArrayList<>();
    Descriptor at = top;
    for (int depth = 0; depth < MAX_DEPTH; depth++) {
      byte[] bytes = blob(archive, at);
      manifests.add(bytes);
      switch (Manifest.parse("manifest " + at.digest(), at.mediaType(), bytes)) {
        case Manifest.Index index -> at = index.choose(platform, "index " + at.digest());
        case Manifest.ImageManifest image -> {
          Optional<ImageReference> name = name(top);
          return new Candidate(
              "image " + at.digest() + " of " + file,
              name.flatMap(ImageReference::asTag).stream().toList(),
              name.map(n -> n.withDigest(top.digest())).stream().toList(),
              blob(archive, image.config()),
              manifests,
              image.layers().stream().map(layer -> layer(archive, layer)).toList());
        }
      }
    }
    throw new BadContent("more than " + MAX_DEPTH + " indexes before the first manifest");
  }

  /** A lone tag names nothing: such an image is loaded without a name, to be used by its id. */
  private static Optional<ImageReference> name(Descriptor descriptor) {
    for (String key : NAME_ANNOTATIONS) {
      String name = descriptor.annotations().get(key);
      if (name != null && (name.contains("/") || name.contains(":"))) {
        return Optional.of(tag(name));
      }
    }
    return Optional.empty();
  }

  private static String path(Descriptor descriptor) {
    return "blobs/sha256/" + descriptor.digest().hex();
  }

  private static byte[] blob(ImageArchive archive, Descriptor descriptor) {
    byte[] bytes = archive.bytes(path(descriptor), MAX_JSON);
    var actual = io.onggi.image.content.Digest.of(bytes);
    if (!actual.equals(descriptor.digest())) {
      throw new BadContent(
          "member " + path(descriptor) + ": digest mismatch: the bytes are " + actual);
    }
    return bytes;
  }

  private static LayerSource layer(ImageArchive archive, Descriptor layer) {
    String path = path(layer);
    return archive.layer(
        path, bytes -> new VerifiedStream("layer " + path, bytes, layer.digest(), layer.size()));
  }
}
