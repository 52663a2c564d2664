package io.onggi.image;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.onggi.image.content.Digest;
import io.onggi.image.content.ImageReference;
import io.onggi.image.content.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What the index remembers of one image.
 *
 * @param manifests blobs kept for it beside the configuration, which is named by {@code id}
 * @param size bytes on disk
 * @param blobBytes bytes of its blobs
 * @param removed hidden from everybody, kept only for those who hold it
 */
record ImageEntry(
    Digest id,
    List<ImageReference> tags,
    List<ImageReference> repoDigests,
    List<Digest> manifests,
    List<Digest> diffIds,
    long size,
    long blobBytes,
    Instant pulledAt,
    boolean removed) {

  ImageEntry {
    tags = List.copyOf(tags);
    repoDigests = List.copyOf(repoDigests);
    manifests = List.copyOf(manifests);
    diffIds = List.copyOf(diffIds);
  }

  ImageEntry withoutTags(List<ImageReference> gone) {
    List<ImageReference> left = tags.stream().filter(tag -> !gone.contains(tag)).toList();
    return with(left, repoDigests, manifests, removed);
  }

  ImageEntry asRemoved() {
    return with(List.of(), List.of(), manifests, true);
  }

  /** This image, fetched again under further names; hidden no more. */
  ImageEntry mergedInto(ImageEntry older) {
    return with(
        union(older.tags, tags),
        union(older.repoDigests, repoDigests),
        union(older.manifests, manifests),
        false);
  }

  private ImageEntry with(
      List<ImageReference> newTags,
      List<ImageReference> newDigests,
      List<Digest> newManifests,
      boolean newRemoved) {
    return new ImageEntry(
        id, newTags, newDigests, newManifests, diffIds, size, blobBytes, pulledAt, newRemoved);
  }

  private static <T> List<T> union(List<T> one, List<T> other) {
    List<T> result = new ArrayList<>(one);
    other.stream().filter(item -> !result.contains(item)).forEach(result::add);
    return result;
  }

  JsonObject toJson() {
    JsonObject json = new JsonObject();
    json.addProperty("id", id.toString());
    json.add("tags", strings(tags));
    json.add("repoDigests", strings(repoDigests));
    json.add("manifests", strings(manifests));
    json.add("diffIds", strings(diffIds));
    json.addProperty("size", size);
    json.addProperty("blobBytes", blobBytes);
    json.addProperty("pulledAtMillis", pulledAt.toEpochMilli());
    json.addProperty("removed", removed);
    return json;
  }

  private static JsonArray strings(List<?> items) {
    JsonArray array = new JsonArray();
    items.forEach(item -> array.add(item.toString()));
    return array;
  }

  static ImageEntry fromJson(Json json) {
    return new ImageEntry(
        json.digest("id").orElseThrow(() -> json.wrong("id", "there")),
        json.strings("tags").stream().map(ImageReference::parse).toList(),
        json.strings("repoDigests").stream().map(ImageReference::parse).toList(),
        json.digests("manifests"),
        json.digests("diffIds"),
        json.size("size").orElse(1L),
        json.size("blobBytes").orElse(0L),
        Instant.ofEpochMilli(json.size("pulledAtMillis").orElse(0L)),
        json.bool("removed"));
  }
}
