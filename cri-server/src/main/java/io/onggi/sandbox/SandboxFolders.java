package io.onggi.sandbox;

import io.onggi.error.CriException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Folders of the daemon's own making, below its state folder. */
public final class SandboxFolders {
  private SandboxFolders() {}

  /** Deletes a folder and all in it, following no link; idempotent. */
  public static void delete(Path folder) {
    try {
      deleteTree(folder);
    } catch (NoSuchFileException _) {
      return; // gone already
    } catch (IOException e) {
      throw new CriException.Internal("deleting " + folder + ": " + e, e);
    }
  }

  /** What is in the folder; empty when there is none. */
  public static List<Path> entries(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList();
    } catch (NoSuchFileException _) {
      return List.of();
    } catch (IOException e) {
      throw new CriException.Internal("listing " + folder + ": " + e, e);
    }
  }

  private static void deleteTree(Path path) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
        for (Path entry : entries) {
          deleteTree(entry);
        }
      }
    }
    Files.deleteIfExists(path);
  }
}
