package io.onggi.container.cdi;

import io.onggi.container.cdi.CdiEdits.CdiFile;
import io.onggi.error.CriException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The CDI spec files of the node. Later folders win over earlier ones; two files of one folder that
 * define the same device make it unusable. A folder is listed anew for each request that names a
 * device, a file is read again when its inode, size or time of change is another: no watch that
 * could be lost. A file that cannot be read hinders its own devices only. Thread-safe.
 */
public final class CdiSpecs {
  private final List<Path> folders;

  private record Stamp(long inode, long size, Object changed) {}

  /** One of the two. */
  private record Read(Stamp stamp, Optional<CdiFile> file, String problem) {}

  /** A device, the file it is from, and where in the order of folders that is. */
  private record Found(Path path, CdiFile file, int folder) {}

  private Map<Path, Read> known = new HashMap<>();

  public CdiSpecs(List<Path> folders) {
    this.folders = List.copyOf(folders);
  }

  /**
   * What the devices together ask for: each file's common edits once, before its first device's.
   *
   * @throws CriException.InvalidArgument naming a device that is not there and the folders
   */
  List<CdiEdits> edits(List<CdiName> names) {
    Map<Path, Read> files = refresh();
    List<CdiEdits> edits = new ArrayList<>();
    Set<Path> begun = new LinkedHashSet<>();
    for (CdiName name : names) {
      Found found = find(name, files);
      if (begun.add(found.path)) {
        edits.add(found.file.common());
      }
      edits.add(found.file.devices().getOrDefault(name.name(), CdiEdits.NONE));
    }
    return edits;
  }

  private Found find(CdiName name, Map<Path, Read> files) {
    List<Found> best = defining(name, files);
    if (best.isEmpty()) {
      throw new CriException.InvalidArgument(
          "CDI device \"" + name + "\" is defined in no file of " + folders + hint(files));
    }
    if (best.size() > 1) {
      throw new CriException.InvalidArgument(
          "CDI device \""
              + name
              + "\" is defined by both "
              + best.get(0).path
              + " and "
              + best.get(1).path
              + "; remove one of them");
    }
    return best.getFirst();
  }

  /** Of the folder that wins. */
  private List<Found> defining(CdiName name, Map<Path, Read> files) {
    List<Found> best = new ArrayList<>();
    files.forEach(
        (path, read) -> {
          Optional<CdiFile> file = read.file.filter(f -> f.kind().equals(name.kind()));
          if (file.isPresent() && file.get().devices().containsKey(name.name())) {
            Found found = new Found(path, file.get(), folderOf(path));
            if (!best.isEmpty() && best.getFirst().folder < found.folder) {
              best.clear();
            }
            if (best.isEmpty() || best.getFirst().folder == found.folder) {
              best.add(found);
            }
          }
        });
    return best;
  }

  private int folderOf(Path file) {
    return folders.lastIndexOf(file.getParent());
  }

  private static String hint(Map<Path, Read> files) {
    List<String> problems =
        files.values().stream().map(Read::problem).filter(p -> !p.isEmpty()).toList();
    return problems.isEmpty()
        ? "; does its driver's device plugin run on this node?"
        : "; not readable there: " + String.join("; ", problems);
  }

  /** What is wrong with the files now, a sentence each; none: empty. */
  public List<String> problems() {
    Map<Path, Read> files = refresh();
    List<String> all = new ArrayList<>();
    Map<String, CdiName> names = new TreeMap<>();
    files
        .values()
        .forEach(
            read -> {
              if (!read.problem.isEmpty()) {
                all.add(read.problem);
              }
              read.file.ifPresent(
                  f ->
                      f.devices()
                          .keySet()
                          .forEach(n -> names.put(f.kind() + "=" + n, new CdiName(f.kind(), n))));
            });
    for (CdiName name : names.values()) {
      List<Found> found = defining(name, files);
      if (found.size() > 1) {
        all.add("CDI device " + name + ": defined by " + found.stream().map(Found::path).toList());
      }
    }
    return all;
  }

  /** Every file by its path, lowest folder first. */
  private synchronized Map<Path, Read> refresh() {
    Map<Path, Read> now = new LinkedHashMap<>();
    for (Path folder : folders) {
      list(folder, now);
    }
    known = now;
    return now;
  }

  private void list(Path folder, Map<Path, Read> now) {
    Map<Path, Read> sorted = new TreeMap<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, "*.{json,yaml}")) {
      for (Path path : entries) {
        read(path).ifPresent(read -> sorted.put(path, read));
      }
    } catch (NoSuchFileException _) {
      return; // most nodes have none
    } catch (IOException e) {
      sorted.put(
          folder.resolve("."),
          new Read(
              new Stamp(0, 0, ""),
              Optional.empty(),
              "CDI folder " + folder + ": not readable: " + e));
    }
    now.putAll(sorted);
  }

  /** Empty when it went away meanwhile. */
  private Optional<Read> read(Path path) {
    try {
      Map<String, Object> attributes =
          Files.readAttributes(path, "unix:ino,size,ctime,isRegularFile");
      if (!Boolean.TRUE.equals(attributes.get("isRegularFile"))) {
        return Optional.of(broken(path, new Stamp(0, 0, ""), "is no file"));
      }
      long size = ((Number) attributes.getOrDefault("size", 0L)).longValue();
      Stamp stamp =
          new Stamp(
              ((Number) attributes.getOrDefault("ino", 0L)).longValue(),
              size,
              attributes.getOrDefault("ctime", ""));
      Read before = known.get(path);
      if (before != null && before.stamp.equals(stamp)) {
        return Optional.of(before);
      }
      if (size > CdiReader.MAX_BYTES) {
        return Optional.of(broken(path, stamp, "has " + size + " bytes, at most 4 MiB are read"));
      }
      return Optional.of(parse(path, stamp));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(broken(path, new Stamp(0, 0, ""), "not readable: " + e));
    }
  }

  private static Read broken(Path path, Stamp stamp, String why) {
    return new Read(stamp, Optional.empty(), "CDI file " + path + ": " + why);
  }

  private static Read parse(Path path, Stamp stamp) throws IOException {
    String text = new String(Files.readAllBytes(path), StandardCharsets.UTF_8);
    try {
      return new Read(stamp, Optional.of(CdiReader.read(path.toString(), text)), "");
    } catch (CriException.InvalidArgument e) {
      return new Read(stamp, Optional.empty(), String.valueOf(e.getMessage()));
    }
  }
}
