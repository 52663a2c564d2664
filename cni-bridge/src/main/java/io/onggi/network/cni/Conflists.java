package io.onggi.network.cni;

import com.google.common.annotations.VisibleForTesting;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The configuration directory. The first usable file in the order of names is the node's network,
 * as every runtime has it. Each call looks at the directory; files are read again only when one of
 * them, or their number, has changed, so nothing depends on a notification that may be lost.
 */
final class Conflists {
  private static final Set<String> SUFFIXES = Set.of("conflist", "conf", "json");

  /** More than a configuration needs; a log file put there by mistake is not read into memory. */
  private static final long MAX_BYTES = 1 << 20;

  /**
   * What the directory says.
   *
   * @param network empty: there is none that can be used
   * @param problems of the files before it in the order of names, or of all when none is usable
   */
  record Found(Optional<Conflist> network, List<String> problems) {
    Found {
      problems = List.copyOf(problems);
    }

    /** True when nobody has configured anything: the built-in network is meant then. */
    boolean isNothing() {
      return network.isEmpty() && problems.isEmpty();
    }
  }

  /** A file as it was when it was read. */
  private record Seen(String name, long size, long modifiedNanos, String key) {}

  private final Path directory;
  private List<Seen> seen = List.of();
  private Found found = new Found(Optional.empty(), List.of());

  Conflists(Path directory) {
    this.directory = directory;
  }

  /** What holds now. */
  synchronized Found now() {
    List<Path> files;
    List<Seen> fresh = new ArrayList<>();
    try {
      files = files();
      for (Path file : files) {
        fresh.add(seen(file));
      }
    } catch (IOException e) {
      return new Found(Optional.empty(), List.of(directory + " cannot be read: " + e));
    }
    if (!fresh.equals(seen)) {
      found = read(files);
      seen = fresh;
    }
    return found;
  }

  private static Found read(List<Path> files) {
    List<String> problems = new ArrayList<>();
    for (Path file : files) {
      try {
        return new Found(Optional.of(read(file)), problems);
      } catch (ConflistException e) {
        problems.add(e.getMessage());
      }
    }
    return new Found(Optional.empty(), problems);
  }

  @VisibleForTesting
  static Conflist read(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new ConflistException(file + ": larger than 1 MiB, no network configuration");
      }
      return ConflistReader.read(file.toString(), Files.readString(file));
    } catch (IOException e) {
      throw new ConflistException(file + ": cannot be read as UTF-8 text: " + e);
    }
  }

  private List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, Conflists::isOurs)) {
      entries.forEach(files::add);
    } catch (NoSuchFileException | NotDirectoryException _) {
      return List.of();
    }
    files.sort(null);
    return files;
  }

  private static boolean isOurs(Path file) {
    String name = String.valueOf(file.getFileName());
    return SUFFIXES.contains(name.substring(name.lastIndexOf('.') + 1))
        && Files.isRegularFile(file);
  }

  private static Seen seen(Path file) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    return new Seen(
        file.toString(),
        attributes.size(),
        attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS),
        String.valueOf(attributes.fileKey()));
  }
}
