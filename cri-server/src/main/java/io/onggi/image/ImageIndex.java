package io.onggi.image;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.onggi.error.CriException;
import io.onggi.image.content.BadContent;
import io.onggi.image.content.Digest;
import io.onggi.image.content.DurableFile;
import io.onggi.image.content.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Which images there are: one file, replaced whole at each change. Readers see the last snapshot
 * that is on disk.
 */
final class ImageIndex {
  private static final int VERSION = 1;

  private final Path file;
  private volatile Map<Digest, ImageEntry> entries = Map.of();

  /** Reads the file; without one there are no images. */
  ImageIndex(Path file) {
    this.file = file;
    if (!Files.exists(file)) {
      return;
    }
    try {
      Json json = Json.parse(file.toString(), Files.readAllBytes(file));
      long version = json.size("version").orElse(0L);
      if (version != VERSION) {
        throw new CriException.FailedPrecondition(
            file + " is of version " + version + ", this onggid reads " + VERSION);
      }
      Map<Digest, ImageEntry> read = newMap();
      for (Json child : json.children("images")) {
        ImageEntry entry = ImageEntry.fromJson(child);
        read.put(entry.id(), entry);
      }
      entries = Collections.unmodifiableMap(read);
    } catch (IOException | BadContent e) {
      throw new CriException.Internal(
          "read " + file + ": " + e.getMessage() + ": move it away and images are pulled again", e);
    }
  }

  /** The images by id, in order of id, removed ones that are still held included. */
  Map<Digest, ImageEntry> entries() {
    return entries;
  }

  /** Computes, writes, publishes; one change at a time, and nothing is published if it fails. */
  synchronized void update(UnaryOperator<Map<Digest, ImageEntry>> change) {
    Map<Digest, ImageEntry> copy = newMap();
    copy.putAll(entries);
    Map<Digest, ImageEntry> changed = Collections.unmodifiableMap(change.apply(copy));
    if (changed.equals(entries)) {
      return;
    }
    JsonObject json = new JsonObject();
    json.addProperty("version", VERSION);
    JsonArray images = new JsonArray();
    changed.values().forEach(entry -> images.add(entry.toJson()));
    json.add("images", images);
    try {
      DurableFile.write(file, json.toString().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw Blobs.diskFailure("write " + file, e);
    }
    entries = changed;
  }

  private static Map<Digest, ImageEntry> newMap() {
    return new TreeMap<>(java.util.Comparator.comparing(Digest::hex));
  }
}
