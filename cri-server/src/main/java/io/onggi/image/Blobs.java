package io.onggi.image;

import io.onggi.error.CriException;
import io.onggi.image.content.Digest;
import io.onggi.image.content.DurableFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** Manifests and configurations by digest, each whole or absent. */
final class Blobs {
  private final Path directory;

  Blobs(Path store) {
    directory = store.resolve("blobs").resolve("sha256");
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException("make " + directory, e);
    }
  }

  /** Writes the bytes under their digest; idempotent. */
  Digest write(byte[] bytes) {
    Digest digest = Digest.of(bytes);
    Path file = directory.resolve(digest.hex());
    if (!Files.exists(file)) {
      try {
        DurableFile.write(file, bytes);
      } catch (IOException e) {
        throw diskFailure("write blob " + digest, e);
      }
    }
    return digest;
  }

  /** The bytes, if they are there and still are what their name says. */
  Optional<byte[]> read(Digest digest) {
    try {
      byte[] bytes = Files.readAllBytes(directory.resolve(digest.hex()));
      return Optional.of(bytes).filter(b -> Digest.of(b).equals(digest));
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  /** Deletes every file but those of these digests. */
  void keepOnly(Set<Digest> wanted) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        if (wanted.stream().noneMatch(digest -> digest.hex().equals(name))) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("clean " + directory, e);
    }
  }

  /** Says "disk full" as what it is. */
  static CriException diskFailure(String what, IOException e) {
    String message = what + ": " + e.getMessage();
    return message.contains("No space left")
        ? new CriException.ResourceExhausted(
            message + ": make room on the disk that holds the images", e)
        : new CriException.Internal(message, e);
  }
}
