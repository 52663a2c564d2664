package io.onggi.image;

import io.onggi.error.CriException;
import io.onggi.image.content.Digest;
import io.onggi.image.content.ImageReference;
import io.onggi.image.content.Platform;
import io.onggi.image.layer.DirLayerStore;
import io.onggi.image.layer.LayerUsage;
import io.onggi.image.registry.Credentials;
import io.onggi.image.registry.RegistryClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The images of this node. Safe for many threads. */
public final class Images implements AutoCloseable {
  private static final long CLOSE_SECONDS = 10;

  private final Set<ImageReference> pinned;
  private final StoreLock lock;
  private final ImageStore store;
  private final RegistryClient registry;
  private final ExecutorService unpackers;
  private final ExecutorService collector;
  private final PullImage puller;
  private final LoadImage loader;
  private final FindImage finder;
  private final Map<PullKey, CompletableFuture<ImageEntry>> pulls = new ConcurrentHashMap<>();

  /** Pulls are joined only when they may see the same: a wrong password must not ride along. */
  private record PullKey(ImageReference reference, Optional<Credentials> credentials) {}

  private Images(ImageSettings settings, InstantSource clock, StoreLock lock) {
    this.lock = lock;
    pinned = new LinkedHashSet<>(settings.pinned().stream().map(ImageReference::parse).toList());
    store = new ImageStore(settings.directory(), new DirLayerStore(settings.directory()));
    registry = new RegistryClient(settings.registryConfig());
    unpackers =
        Executors.newFixedThreadPool(
            settings.parallelLayers(), Thread.ofPlatform().daemon().name("unpack-", 0).factory());
    collector =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("image-collector").factory());
    InstallImage installer = new InstallImage(store, unpackers, clock);
    Platform platform = Platform.host();
    puller = new PullImage(registry, installer, platform);
    loader = new LoadImage(installer, platform, settings.directory().resolve("tmp"));
    finder = new FindImage(store);
  }

  /**
   * Opens the store, removes what an unclean end left half-made, and drops images whose content is
   * not whole. Layers of removed images stay until {@link #sweep}.
   *
   * @throws CriException.FailedPrecondition when another process has the folder
   */
  public static Images open(ImageSettings settings, InstantSource clock) {
    StoreLock lock = StoreLock.take(settings.directory());
    try {
      return new Images(settings, clock, lock);
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /**
   * Fetches an image; a pull of the same reference with the same credentials that is running is
   * joined. The pull goes on when its callers are gone.
   *
   * @param deadline how long this caller waits
   * @throws CriException.DeadlineExceeded when this caller's time is up; the pull goes on
   * @throws CriException.NotFound when the registry has no such image
   * @throws CriException.ResourceExhausted when the disk is full
   * @throws CriException.Unknown for the registry's other failures
   */
  public Image pull(
      ImageReference reference, Optional<Credentials> credentials, Optional<Duration> deadline) {
    PullKey key = new PullKey(reference, credentials);
    CompletableFuture<ImageEntry> running = pulls.computeIfAbsent(key, this::start);
    try {
      if (deadline.isEmpty()) {
        return view(running.get());
      }
      return view(running.get(deadline.get().toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException _) {
      throw new CriException.DeadlineExceeded(
          "pull image "
              + reference
              + ": not there within "
              + deadline.map(Duration::toMillis).orElse(0L)
              + " ms; the pull goes on, ask again");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof CriException told) {
        throw told;
      }
      throw new CriException.Internal(
          "pull image " + reference + ": " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CriException.Unavailable(
          "pull image " + reference + ": the wait for it was interrupted; the pull goes on", e);
    }
  }

  private CompletableFuture<ImageEntry> start(PullKey key) {
    CompletableFuture<ImageEntry> result = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("pull " + key.reference)
        .start(
            () -> {
              // Off the list first: who comes after the end wants a new look at the registry.
              try {
                ImageEntry entry = puller.pull(key.reference, key.credentials);
                pulls.remove(key, result);
                result.complete(entry);
              } catch (Throwable e) {
                pulls.remove(key, result);
                result.completeExceptionally(e);
              }
            });
    return result;
  }

  /**
   * Finds an image by id ({@code sha256:...}, the bare hex digits, or a unique prefix of at least
   * 12 of them), tag or name@digest. What is no reference at all names no image.
   */
  public Optional<Image> find(String any) {
    return finder.find(any).map(this::view);
  }

  /** Every image, in order of id. */
  public List<Image> list() {
    return store.visible().stream().map(this::view).toList();
  }

  private Image view(ImageEntry entry) {
    return new Image(
        entry.id(),
        entry.tags(),
        entry.repoDigests(),
        entry.size(),
        store.config(entry),
        entry.diffIds(),
        entry.tags().stream().anyMatch(pinned::contains),
        entry.pulledAt());
  }

  /**
   * Removes the image with all its tags; idempotent. It is gone for everybody when this returns;
   * its layers go from the disk soon after, or with their last holder.
   */
  public void remove(String any) {
    finder.find(any).ifPresent(entry -> deleteLater(store.remove(entry.id())));
  }

  private void deleteLater(List<Runnable> tasks) {
    tasks.forEach(collector::execute);
  }

  /**
   * Loads the images of a docker-archive or an OCI-layout tar file, gzip-compressed or not.
   *
   * @throws CriException.InvalidArgument when the file is not such an archive or is damaged
   * @throws CriException.ResourceExhausted when the disk is full
   */
  public List<Image> load(Path archive) {
    return loader.load(archive).stream().map(this::view).toList();
  }

  /**
   * Keeps the image's layers on disk for that user (a container's id) until the lease is closed or
   * {@link #release} is called; survives {@link #remove}. Not written to disk: hold again after a
   * restart, before {@link #sweep}.
   *
   * @throws CriException.NotFound when there is no such image
   */
  public Lease hold(Digest imageId, String user) {
    store.hold(imageId, user);
    return () -> deleteLater(store.release(user, Optional.of(imageId)));
  }

  /** Ends all holds of that user; idempotent. */
  public void release(String user) {
    deleteLater(store.release(user, Optional.empty()));
  }

  /** Deletes removed images that nobody holds. Call once, when all holds are back after a start. */
  public void sweep() {
    deleteLater(store.sweep());
  }

  /**
   * The image's layers for an overlay mount's lowerdir, the topmost first; never empty (an image
   * without layers has one empty folder). A layer that occurs twice is named once, where it is
   * topmost: overlayfs refuses the same folder twice, and what is above decides.
   */
  public List<Path> layerDirectories(Image image) {
    Set<Digest> topFirst = new LinkedHashSet<>(image.diffIds().reversed());
    List<Path> result = new ArrayList<>();
    topFirst.forEach(diffId -> result.add(store.layers().directory(diffId)));
    return result.isEmpty() ? List.of(store.layers().emptyDirectory()) : result;
  }

  /**
   * The layers, as {@link #layerDirectories}, of an image that may have been removed meanwhile: who
   * holds it has it still.
   *
   * @throws CriException.NotFound when it is neither here nor held
   */
  public List<Path> heldLayers(Digest imageId) {
    return store
        .entry(imageId)
        .map(entry -> layerDirectories(view(entry)))
        .orElseThrow(
            () -> new CriException.NotFound("image " + imageId + " is not on this node any more"));
  }

  /** What images take on disk, from counters: no walk. */
  public FsUsage imageFs() {
    LayerUsage usage = store.usage();
    return new FsUsage(store.directory(), usage.bytes(), usage.inodes());
  }

  /** Running pulls are abandoned; what they leave is removed at the next open. */
  @Override
  public void close() {
    registry.close();
    unpackers.shutdownNow();
    collector.shutdown();
    try {
      boolean _ = unpackers.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
      boolean _ = collector.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    lock.close();
  }
}
