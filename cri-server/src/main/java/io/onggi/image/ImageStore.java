package io.onggi.image;

import io.onggi.error.CriException;
import io.onggi.image.content.BadContent;
import io.onggi.image.content.Digest;
import io.onggi.image.content.ImageConfig;
import io.onggi.image.layer.LayerStore;
import io.onggi.image.layer.LayerUsage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is on disk and who needs it: index, blobs and layers under one lock, so that nothing is
 * collected between being found and being used.
 */
final class ImageStore {
  private final Path directory;
  private final LayerStore layers;
  private final ImageIndex index;
  private final Blobs blobs;
  private final Map<Digest, ImageConfig> configs = new ConcurrentHashMap<>();

  /** Layers that a running pull or load counts on; guarded by this. */
  private final Map<Digest, Integer> claims = new HashMap<>();

  /** Users (containers) and the images they hold; guarded by this. */
  private final Map<String, Set<Digest>> holds = new TreeMap<>();

  private boolean swept;

  ImageStore(Path directory, LayerStore layers) {
    this.directory = directory;
    this.layers = layers;
    this.index = new ImageIndex(directory.resolve("images.json"));
    this.blobs = new Blobs(directory);
    dropIncomplete();
    collect().forEach(Runnable::run);
  }

  private void dropIncomplete() {
    List<Digest> incomplete = new ArrayList<>();
    for (ImageEntry entry : index.entries().values()) {
      Optional<ImageConfig> config = blobs.read(entry.id()).flatMap(b -> parse(entry.id(), b));
      boolean whole = entry.diffIds().stream().allMatch(id -> layers.usage(id).isPresent());
      if (whole && config.isPresent()) {
        configs.put(entry.id(), config.get());
      } else {
        incomplete.add(entry.id());
      }
    }
    index.update(
        map -> {
          incomplete.forEach(map::remove);
          return map;
        });
  }

  private static Optional<ImageConfig> parse(Digest id, byte[] bytes) {
    try {
      return Optional.of(ImageConfig.parse("image configuration " + id, bytes));
    } catch (BadContent _) {
      return Optional.empty();
    }
  }

  Path directory() {
    return directory;
  }

  LayerStore layers() {
    return layers;
  }

  /** The images that are not removed, in order of id. */
  List<ImageEntry> visible() {
    return index.entries().values().stream().filter(entry -> !entry.removed()).toList();
  }

  /** Also one that is removed but held. */
  Optional<ImageEntry> entry(Digest id) {
    return Optional.ofNullable(index.entries().get(id));
  }

  ImageConfig config(ImageEntry entry) {
    ImageConfig config = configs.get(entry.id());
    if (config == null) {
      throw new CriException.NotFound("image " + entry.id() + " was removed meanwhile");
    }
    return config;
  }

  /** Keeps these layers from collection while a pull is under way. */
  synchronized Lease claim(Collection<Digest> diffIds) {
    Set<Digest> claimed = Set.copyOf(diffIds);
    claimed.forEach(id -> claims.merge(id, 1, Integer::sum));
    return () -> {
      synchronized (this) {
        claimed.forEach(id -> claims.computeIfPresent(id, (_, n) -> n > 1 ? n - 1 : null));
      }
    };
  }

  /** Makes an image visible: its documents, then its entry; its tags leave other images. */
  synchronized ImageEntry commit(ImageEntry entry, ImageConfig config, List<byte[]> documents) {
    documents.forEach(blobs::write);
    configs.put(entry.id(), config);
    index.update(
        map -> {
          map.replaceAll((_, other) -> other.withoutTags(entry.tags()));
          ImageEntry older = map.get(entry.id());
          map.put(entry.id(), older == null ? entry : entry.mergedInto(older));
          return map;
        });
    ImageEntry stored = index.entries().get(entry.id());
    return stored == null ? entry : stored;
  }

  /** Hides an image; what nobody holds is deleted by the returned tasks. */
  synchronized List<Runnable> remove(Digest id) {
    index.update(
        map -> {
          map.computeIfPresent(id, (_, entry) -> entry.asRemoved());
          return map;
        });
    return collect();
  }

  synchronized void hold(Digest id, String user) {
    if (!index.entries().containsKey(id)) {
      throw new CriException.NotFound("image " + id + " is not on this node: pull it again");
    }
    holds.computeIfAbsent(user, _ -> new HashSet<>()).add(id);
  }

  synchronized List<Runnable> release(String user, Optional<Digest> only) {
    Set<Digest> held = holds.get(user);
    if (held == null) {
      return List.of();
    }
    only.ifPresentOrElse(held::remove, held::clear);
    if (held.isEmpty()) {
      holds.remove(user);
    }
    return collect();
  }

  /** From now on removed images that nobody holds go. */
  synchronized List<Runnable> sweep() {
    swept = true;
    return collect();
  }

  /**
   * Takes out of sight what no image, hold or claim needs; the tasks delete it. Removed images stay
   * until {@link #sweep}: before it, the containers that use them have not all spoken.
   */
  synchronized List<Runnable> collect() {
    Set<Digest> held = new HashSet<>();
    holds.values().forEach(held::addAll);
    index.update(
        map -> {
          map.values().removeIf(e -> swept && e.removed() && !held.contains(e.id()));
          return map;
        });
    configs.keySet().retainAll(index.entries().keySet());
    Set<Digest> wantedLayers = new HashSet<>(claims.keySet());
    Set<Digest> wantedBlobs = new HashSet<>();
    for (ImageEntry entry : index.entries().values()) {
      wantedLayers.addAll(entry.diffIds());
      wantedBlobs.add(entry.id());
      wantedBlobs.addAll(entry.manifests());
    }
    blobs.keepOnly(wantedBlobs);
    List<Runnable> tasks = new ArrayList<>();
    for (Digest layer : layers.layers()) {
      if (!wantedLayers.contains(layer)) {
        tasks.add(layers.remove(layer));
      }
    }
    return tasks;
  }

  /** Layers from their counters, blobs from the index. */
  LayerUsage usage() {
    LayerUsage total = layers.total();
    for (ImageEntry entry : index.entries().values()) {
      total = total.plus(new LayerUsage(entry.blobBytes(), 1L + entry.manifests().size()));
    }
    return total;
  }
}
