package io.onggi.image;

import io.onggi.error.CriException;
import io.onggi.image.content.ImageReference;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds an image by whatever a client calls it. */
final class FindImage {
  private static final Pattern ID = Pattern.compile("(?:sha256:)?([0-9a-f]{64})");

  /** crictl shows 13 digits of an id, Docker 12; shorter ones are likelier names. */
  private static final Pattern SHORT_ID = Pattern.compile("(?:sha256:)?([0-9a-f]{12,63})");

  private final ImageStore store;

  FindImage(ImageStore store) {
    this.store = store;
  }

  Optional<ImageEntry> find(String any) {
    var id = ID.matcher(any);
    if (id.matches()) {
      return store.visible().stream().filter(e -> e.id().hex().equals(id.group(1))).findFirst();
    }
    return byReference(any).or(() -> byPrefix(any));
  }

  private Optional<ImageEntry> byReference(String any) {
    ImageReference reference;
    try {
      reference = ImageReference.parse(any);
    } catch (CriException.InvalidArgument _) {
      return Optional.empty(); // what is no reference names no image
    }
    Optional<ImageReference> digest = reference.digest().map(reference::withDigest);
    return store.visible().stream()
        .filter(
            entry ->
                digest
                    .map(pinned -> entry.repoDigests().contains(pinned))
                    .orElseGet(() -> entry.tags().contains(reference)))
        .findFirst();
  }

  private Optional<ImageEntry> byPrefix(String any) {
    var prefix = SHORT_ID.matcher(any);
    if (!prefix.matches()) {
      return Optional.empty();
    }
    List<ImageEntry> matching =
        store.visible().stream().filter(e -> e.id().hex().startsWith(prefix.group(1))).toList();
    return matching.size() == 1 ? Optional.of(matching.getFirst()) : Optional.empty();
  }
}
