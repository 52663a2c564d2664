package io.onggi.image;

import io.onggi.error.CriException;
import io.onggi.image.content.BadContent;
import io.onggi.image.content.Digest;
import io.onggi.image.content.ImageConfig;
import io.onggi.image.layer.LayerSource;
import io.onggi.image.layer.LayerUsage;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Lays an image's layers down, several at once, and makes it visible when all are there. When one
 * fails, all that was made for the image alone goes again.
 */
final class InstallImage {
  private final ImageStore store;
  private final ExecutorService unpackers;
  private final InstantSource clock;

  /**
   * @param unpackers platform threads: unpacking is native calls
   */
  InstallImage(ImageStore store, ExecutorService unpackers, InstantSource clock) {
    this.store = store;
    this.unpackers = unpackers;
    this.clock = clock;
  }

  /**
   * Blocks until the image is whole; idempotent.
   *
   * @throws BadContent when configuration and layers do not fit together, or a layer is damaged
   */
  ImageEntry install(Candidate candidate) {
    Digest id = Digest.of(candidate.config());
    ImageConfig config =
        ImageConfig.parse(
            "image configuration " + id + " of " + candidate.name(), candidate.config());
    List<Digest> diffIds = config.diffIds();
    if (diffIds.size() != candidate.layers().size()) {
      throw new BadContent(
          candidate.name()
              + ": the manifest has "
              + candidate.layers().size()
              + " layers, the configuration "
              + diffIds.size());
    }
    try (Lease _ = store.claim(diffIds)) {
      LayerUsage usage = fetch(diffIds, candidate.layers());
      return store.commit(entry(candidate, id, diffIds, usage), config, documents(candidate));
    } finally {
      // Outside the claim it would find layers of a failed image; inside, it finds none of ours.
      store.collect().forEach(Runnable::run);
    }
  }

  private static List<byte[]> documents(Candidate candidate) {
    List<byte[]> documents = new ArrayList<>(candidate.manifests());
    documents.add(candidate.config());
    return documents;
  }

  private ImageEntry entry(Candidate candidate, Digest id, List<Digest> diffIds, LayerUsage usage) {
    long blobBytes = documents(candidate).stream().mapToLong(bytes -> bytes.length).sum();
    return new ImageEntry(
        id,
        candidate.tags(),
        candidate.repoDigests(),
        candidate.manifests().stream().map(Digest::of).toList(),
        diffIds,
        usage.bytes() + blobBytes,
        blobBytes,
        clock.instant(),
        false);
  }

  private LayerUsage fetch(List<Digest> diffIds, List<LayerSource> sources) {
    // An image may have the same layer twice (an empty one, often): it is fetched once.
    Map<Digest, LayerSource> distinct = new LinkedHashMap<>();
    for (int i = 0; i < diffIds.size(); i++) {
      distinct.putIfAbsent(diffIds.get(i), sources.get(i));
    }
    AtomicBoolean failed = new AtomicBoolean();
    List<Future<LayerUsage>> running = new ArrayList<>();
    distinct.forEach(
        (diffId, source) -> running.add(unpackers.submit(() -> one(diffId, source, failed))));
    LayerUsage total = new LayerUsage(0, 0);
    RuntimeException failure = null;
    for (Future<LayerUsage> future : running) {
      try {
        total = total.plus(future.get());
      } catch (ExecutionException e) {
        failure = worse(failure, e.getCause() == null ? e : e.getCause());
      } catch (CancellationException e) {
        failure = worse(failure, e);
      } catch (InterruptedException e) {
        failure = worse(failure, e);
      }
    }
    if (failure != null) {
      throw failure;
    }
    return total;
  }

  private LayerUsage one(Digest diffId, LayerSource source, AtomicBoolean failed) {
    if (failed.get()) {
      throw new CancellationException("another layer failed");
    }
    try {
      return store.layers().ensure(diffId, source);
    } catch (RuntimeException | Error e) {
      failed.set(true);
      throw e;
    }
  }

  /** The first real failure, the others told with it. */
  private static RuntimeException worse(@Nullable RuntimeException first, Throwable next) {
    RuntimeException failure =
        next instanceof RuntimeException runtime
            ? runtime
            : new CriException.Internal("install an image: " + next, next);
    if (first == null || first instanceof CancellationException) {
      return failure;
    }
    if (!(failure instanceof CancellationException)) {
      first.addSuppressed(failure);
    }
    return first;
  }
}
