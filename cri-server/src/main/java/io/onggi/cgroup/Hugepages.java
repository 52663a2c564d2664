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

  private Hugepages() {}

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
