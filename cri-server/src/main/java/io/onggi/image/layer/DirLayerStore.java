package io.onggi.image.layer;

import com.google.gson.JsonObject;
import io.onggi.error.CriException;
import io.onggi.image.content.BadContent;
import io.onggi.image.content.Digest;
import io.onggi.image.content.DurableFile;
import io.onggi.image.content.Json;
import io.onggi.linux.Errno;
import io.onggi.linux.LinuxException;
import io.onggi.linux.RootedDirectory;
import io.onggi.linux.TreeRemover;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Each layer as a directory: {@code layers/HEX/fs}, with its counters beside it in {@code
 * layers/HEX/layer.json}. It is laid down in {@code tmp/N}, synced, and renamed: a layer is there
 * whole or not at all.
 */
public final class DirLayerStore implements LayerStore {
  private static final int VERSION = 1;
  private static final int STREAM_BUFFER = 128 * 1024;

  /** Errors of the archive, not of this machine: a name too long, a file used as a directory... */
  private static final Set<Integer> ARCHIVE_ERRORS =
      Set.of(
          Errno.ENOENT,
          Errno.EEXIST,
          Errno.EXDEV,
          Errno.ENOTDIR,
          Errno.EISDIR,
          Errno.EINVAL,
          31 /* EMLINK */,
          34 /* ERANGE */,
          36 /* ENAMETOOLONG */,
          Errno.ELOOP);

  private static final int EDQUOT = 122;

  private final Path layers;
  private final Path temporary;
  private final Path empty;
  private final Map<Digest, LayerUsage> present = new ConcurrentHashMap<>();
  private final Map<Digest, CompletableFuture<LayerUsage>> running = new ConcurrentHashMap<>();
  private final AtomicLong names = new AtomicLong();

  /**
   * Opens the store below a folder, which is made when absent; half-made layers are removed.
   *
   * @throws UncheckedIOException naming the path
   */
  public DirLayerStore(Path directory) {
    layers = directory.resolve("layers");
    temporary = directory.resolve("tmp");
    empty = directory.resolve("empty");
    try {
      TreeRemover.remove(temporary);
      Files.createDirectories(layers);
      Files.createDirectories(temporary);
      Files.createDirectories(empty);
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(layers)) {
        for (Path entry : entries) {
          readOrRemove(entry);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("open the layer store " + directory, e);
    }
  }

  private void readOrRemove(Path entry) {
    try {
      Digest diffId = new Digest("sha256", String.valueOf(entry.getFileName()));
      Json json = Json.parse(entry.toString(), Files.readAllBytes(entry.resolve("layer.json")));
      if (json.size("version").filter(v -> v == VERSION).isPresent()) {
        present.put(
            diffId, new LayerUsage(json.size("bytes").orElse(0L), json.size("inodes").orElse(0L)));
        return;
      }
    } catch (IOException | BadContent | CriException _) {
      // Not a layer that this version can vouch for: it is fetched again when it is needed.
    }
    TreeRemover.remove(entry);
  }

  @Override
  public LayerUsage ensure(Digest diffId, LayerSource source) {
    while (true) {
      LayerUsage known = present.get(diffId);
      if (known != null) {
        return known;
      }
      CompletableFuture<LayerUsage> mine = new CompletableFuture<>();
      CompletableFuture<LayerUsage> other = running.putIfAbsent(diffId, mine);
      if (other == null) {
        return makeAs(mine, diffId, source);
      }
      try {
        return other.join();
      } catch (CompletionException | CancellationException _) {
        // The other's source failed; this one's may not.
      }
    }
  }

  private LayerUsage makeAs(CompletableFuture<LayerUsage> mine, Digest diffId, LayerSource source) {
    try {
      LayerUsage known = present.get(diffId);
      LayerUsage usage = known != null ? known : source.read(bytes -> make(diffId, source, bytes));
      mine.complete(usage);
      return usage;
    } finally {
      running.remove(diffId, mine);
      mine.cancel(false); // without effect once complete
    }
  }

  /** One try: everything that it makes is in one temporary folder, and goes when it fails. */
  private LayerUsage make(Digest diffId, LayerSource source, InputStream bytes) throws IOException {
    Path work = temporary.resolve("layer-" + names.incrementAndGet());
    try {
      prepare(work, source);
      LayerUsage usage = unpack(work.resolve("fs"), diffId, bytes);
      commit(work, diffId, usage, source);
      present.put(diffId, usage);
      return usage;
    } catch (LinuxException e) {
      throw explained(source, e);
    } catch (BadContent e) {
      throw named(source, e, bytes);
    } finally {
      TreeRemover.remove(work); // after the commit there is nothing of that name
    }
  }

  /** The bytes are their opener's to close: after a failure their digest is still asked for. */
  private static final class Uncloseable extends FilterInputStream {
    private Uncloseable(InputStream in) {
      super(in);
    }

    @Override
    public void close() {
      // see above
    }
  }

  private static LayerUsage unpack(Path target, Digest diffId, InputStream bytes)
      throws IOException {
    try (RootedDirectory root = RootedDirectory.open(target);
        InputStream plain = Decompression.open(new Uncloseable(bytes))) {
      HashedStream hashed = new HashedStream(plain);
      LayerUsage usage =
          new LayerUnpacker(root).unpack(new BufferedInputStream(hashed, STREAM_BUFFER));
      hashed.drain(); // padding after the archive's end belongs to the digest
      Digest actual = hashed.digest();
      if (!actual.equals(diffId)) {
        throw new BadContent("unpacked digest mismatch: want " + diffId + ", got " + actual);
      }
      root.sync();
      return usage;
    }
  }

  private static void prepare(Path work, LayerSource source) {
    try {
      Files.createDirectories(work.resolve("fs"));
    } catch (IOException e) {
      throw diskFailure(source, e);
    }
  }

  private void commit(Path work, Digest diffId, LayerUsage usage, LayerSource source) {
    JsonObject json = new JsonObject();
    json.addProperty("version", VERSION);
    json.addProperty("bytes", usage.bytes());
    json.addProperty("inodes", usage.inodes());
    try {
      DurableFile.write(
          work.resolve("layer.json"), json.toString().getBytes(StandardCharsets.UTF_8));
      Path target = layers.resolve(diffId.hex());
      Files.move(work, target, StandardCopyOption.ATOMIC_MOVE);
      DurableFile.syncDirectory(layers);
    } catch (IOException e) {
      throw diskFailure(source, e);
    }
  }

  /** Not the stream's IOException: trying the transfer again would not help. */
  private static CriException diskFailure(LayerSource source, IOException e) {
    String message = "unpack " + source.name() + ": " + e.getMessage();
    return message.contains("No space left")
        ? new CriException.ResourceExhausted(
            message + ": make room on the disk that holds the images", e)
        : new CriException.Internal(message, e);
  }

  private static RuntimeException explained(LayerSource source, LinuxException e) {
    String message = "unpack " + source.name() + ": " + e.getMessage();
    if (e.is(Errno.ENOSPC) || e.is(EDQUOT)) {
      return new CriException.ResourceExhausted(
          message + ": make room on the disk that holds the images", e);
    }
    if (ARCHIVE_ERRORS.contains(e.errno())) {
      return new BadContent(message, e);
    }
    return new CriException.Internal(message, e);
  }

  /** A wrong blob digest explains whatever else is wrong with the bytes: say that first. */
  private static BadContent named(LayerSource source, BadContent e, InputStream bytes)
      throws IOException {
    String cause = String.valueOf(e.getMessage());
    if (bytes instanceof VerifiedStream verified && !cause.startsWith(source.name())) {
      try {
        verified.drain();
      } catch (BadContent digest) {
        digest.addSuppressed(e);
        return digest;
      }
    }
    return cause.startsWith(source.name())
        ? e
        : new BadContent("unpack " + source.name() + ": " + cause, e);
  }

  @Override
  public Optional<LayerUsage> usage(Digest diffId) {
    return Optional.ofNullable(present.get(diffId));
  }

  @Override
  public Path directory(Digest diffId) {
    return layers.resolve(diffId.hex()).resolve("fs");
  }

  @Override
  public Path emptyDirectory() {
    return empty;
  }

  @Override
  public Set<Digest> layers() {
    return Set.copyOf(present.keySet());
  }

  @Override
  public LayerUsage total() {
    return present.values().stream().reduce(new LayerUsage(0, 0), LayerUsage::plus);
  }

  @Override
  public Runnable remove(Digest diffId) {
    if (present.remove(diffId) == null) {
      return () -> {};
    }
    Path aside = temporary.resolve("removed-" + names.incrementAndGet());
    try {
      Files.move(layers.resolve(diffId.hex()), aside, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("remove layer " + diffId, e);
    }
    return () -> TreeRemover.remove(aside);
  }
}
