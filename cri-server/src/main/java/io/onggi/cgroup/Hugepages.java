package io.onggi.cgroup;

import io.onggi.error.CriException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Reads back the limits of huge pages, of as many sizes as the CPU has. */
final class Hugepages {
  private static final String PREFIX = "hugetlb.";

  private static final Path MACHINE = Path.of("/sys/kernel/mm/hugepages");
  private static final String SIZE = "hugepages-";
  private static final long MEBI_IN_KIB = 1024;

  private Hugepages() {}

  /** The sizes that this machine has, as cgroup files name them, such as 2MB; empty for none. */
  static List<String> sizes() {
    List<String> sizes = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(MACHINE, SIZE + "*kB")) {
      for (Path folder : folders) {
        String name = String.valueOf(folder.getFileName());
        sizes.add(named(Long.parseLong(name.substring(SIZE.length(), name.length() - 2))));
      }
    } catch (IOException _) {
      return List.of(); // a kernel without them
    }
    sizes.sort(Comparator.naturalOrder());
    return List.copyOf(sizes);
  }

  static String named(long kibibytes) {
    if (kibibytes >= MEBI_IN_KIB * MEBI_IN_KIB) {
      return kibibytes / (MEBI_IN_KIB * MEBI_IN_KIB) + "GB";
    }
    return kibibytes >= MEBI_IN_KIB ? kibibytes / MEBI_IN_KIB + "MB" : kibibytes + "KB";
  }

  /**
   * @param suffix {@code .limit_in_bytes} (v1) or {@code .max} (v2)
   */
  static List<HugepageLimit> read(Path directory, String suffix) {
    List<HugepageLimit> limits = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, PREFIX + "*" + suffix)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        String size = name.substring(PREFIX.length(), name.length() - suffix.length());
        long bytes = ControlFiles.readNumber(file);
        // "2MB.rsvd" counts reservations: another limit, which CRI does not know
        if (!size.contains(".") && bytes != Limits.UNLIMITED) {
          limits.add(new HugepageLimit(size, bytes));
        }
      }
    } catch (IOException e) {
      throw new CriException.Internal("list " + directory + ": " + e.getMessage(), e);
    }
    limits.sort(Comparator.comparing(HugepageLimit::pageSize));
    return List.copyOf(limits);
  }
}
