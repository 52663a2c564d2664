package io.onggi.cgroup;

import io.onggi.error.CriException;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A bound on one size of huge page.
 *
 * @param pageSize the kernel's name of the size, as in {@code hugetlb.2MB.limit_in_bytes}
 * @param bytes the most that may be in use
 */
public record HugepageLimit(String pageSize, long bytes) {
  private static final Pattern SIZE = Pattern.compile("[1-9][0-9]*[KMGT]B");

  public HugepageLimit {
    if (!SIZE.matcher(pageSize).matches()) {
      throw new CriException.InvalidArgument(
          "huge page size \"" + pageSize + "\" is not of the form 2MB or 1GB");
    }
    if (bytes < 0) {
      throw new CriException.InvalidArgument(
          "limit of huge pages of " + pageSize + " is negative: " + bytes);
    }
  }

  /** The change's sizes, and of the old ones those that it does not name. */
  static List<HugepageLimit> over(List<HugepageLimit> change, List<HugepageLimit> old) {
    Stream<HugepageLimit> kept =
        old.stream().filter(o -> change.stream().noneMatch(c -> c.pageSize().equals(o.pageSize())));
    return Stream.concat(kept, change.stream()).toList();
  }
}
