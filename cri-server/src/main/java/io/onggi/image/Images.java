package io.onggi.image;

import io.onggi.error.CriException;
import io.onggi.image.content.Digest;
import io.onggi.image.content.ImageReference;
import io.onggi.image.registry.Credentials;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** The images of this node. Safe for many threads. */
public final class Images implements AutoCloseable {
  private final ImageSettings settings;

  private Images(ImageSettings settings) {
    this.settings = settings;
  }

  /**
   * Opens the store, removes what an unclean end left half-made, and drops images whose content is
   * not whole.
   *
   * @throws CriException.Internal if the folder cannot be used
   */
  public static Images open(ImageSettings settings, InstantSource clock) {
    return new Images(settings);
  }

  /**
   * Fetches an image; a pull of the same reference with the same credentials that is running is
   * joined. The pull goes on when its callers are gone.
   *
   * @param deadline how long this caller waits
   * @throws CriException.DeadlineExceeded when this caller's time is up; the pull goes on
   * @throws CriException.NotFound when the registry has no such image
   * @throws CriException.Unknown for the registry's other failures
   */
  @SuppressWarnings({"unused", "DoNotCallSuggester"}) // first slice: the API to code against
  public Image pull(
      ImageReference reference, Optional<Credentials> credentials, Optional<Duration> deadline) {
    throw new CriException.Unimplemented("PullImage is being built");
  }

  /**
   * Finds an image by id ({@code sha256:...}, the bare hex digits, or a unique prefix of at least
   * 12 of them), tag or name@digest. What is no reference at all names no image.
   */
  @SuppressWarnings({"unused", "DoNotCallSuggester"}) // first slice: the API to code against
  public Optional<Image> find(String any) {
    return Optional.empty();
  }

  /** Every image, in order of id. */
  public List<Image> list() {
    return List.of();
  }

  /**
   * Removes the image with all its tags; idempotent. Layers stay on disk until their last holder
   * goes.
   */
  @SuppressWarnings({"unused", "DoNotCallSuggester"}) // first slice: the API to code against
  public void remove(String any) {}

  /**
   * Loads the images of a docker-archive or an OCI-layout tar file.
   *
   * @throws CriException.InvalidArgument when the file is not such an archive
   */
  @SuppressWarnings({"unused", "DoNotCallSuggester"}) // first slice: the API to code against
  public List<Image> load(Path archive) {
    throw new CriException.Unimplemented("load is being built");
  }

  /**
   * Keeps the image's layers on disk for that user (a container's id) until the lease is closed or
   * {@link #release} is called; survives {@link #remove}. Not written to disk: hold again after a
   * restart, before {@link #sweep}.
   *
   * @throws CriException.NotFound when there is no such image
   */
  @SuppressWarnings({"unused", "DoNotCallSuggester"}) // first slice: the API to code against
  public Lease hold(Digest imageId, String user) {
    return () -> release(user);
  }

  /** Ends all holds of that user; idempotent. */
  @SuppressWarnings({"unused", "DoNotCallSuggester"}) // first slice: the API to code against
  public void release(String user) {}

  /** Deletes removed images and layers that nobody holds. Call once when all holds are back. */
  public void sweep() {}

  /**
   * The image's layers for an overlay mount's lowerdir, the topmost first; never empty (an image
   * without layers has one empty folder).
   */
  @SuppressWarnings({"unused", "DoNotCallSuggester"}) // first slice: the API to code against
  public List<Path> layerDirectories(Image image) {
    throw new CriException.Unimplemented("layers are being built");
  }

  /** What images take on disk, from counters: no walk. */
  public FsUsage imageFs() {
    return new FsUsage(settings.directory(), 0, 0);
  }

  /** Waits for nothing: running pulls are abandoned, their leftovers removed at the next open. */
  @Override
  public void close() {}
}
