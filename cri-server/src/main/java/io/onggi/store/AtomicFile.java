package io.onggi.store;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Replaces a whole file so that a reader, or a crash, sees the old content or the new, never a mix.
 */
public final class AtomicFile {
  private AtomicFile() {}

  /**
   * Writes to a temporary file in the same directory and renames it.
   *
   * @param durable true: on disk when this returns (fsync of file and directory); false: for tmpfs
   *     and for what can be made again
   * @throws UncheckedIOException naming the file; the old content is untouched and no temporary
   *     file is left
   */
  public static void write(Path file, byte[] content, boolean durable) {
    Path directory = directoryOf(file);
    String unique = Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), 36);
    Path temporary = directory.resolve("." + file.getFileName() + "." + unique + ".tmp");
    try {
      try (FileOutputStream out = new FileOutputStream(temporary.toFile())) {
        out.write(content);
        if (durable) {
          out.getFD().sync();
        }
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      if (durable) {
        syncDirectory(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("replace " + file + ": " + e.getMessage(), e);
    } finally {
      discard(temporary);
    }
  }

  /** Makes the names in a directory durable: a rename alone may be lost in a power cut. */
  static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  static Path directoryOf(Path file) {
    return Optional.ofNullable(file.toAbsolutePath().getParent())
        .orElseThrow(() -> new IllegalArgumentException(file + " has no directory"));
  }

  private static void discard(Path temporary) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException _) {
      // the failure that matters is on its way already; a stray temporary file is overlooked
    }
  }
}
