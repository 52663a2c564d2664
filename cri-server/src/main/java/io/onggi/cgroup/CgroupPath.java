package io.onggi.cgroup;

import io.onggi.error.CriException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A cgroup's place from the root of the hierarchy, {@code /kubepods/burstable/pod1/ctr}; absolute,
 * without empty, dot or dot-dot parts, never the root itself.
 */
public final class CgroupPath implements Comparable<CgroupPath> {
  private static final int MAX_NAME_BYTES = 255; // NAME_MAX

  private final String path;

  private CgroupPath(String path) {
    this.path = path;
  }

  /**
   * @throws CriException.InvalidArgument for a malformed path
   */
  public static CgroupPath of(String path) {
    if (!path.startsWith("/")) {
      throw invalid(path, "does not begin with /");
    }
    StringBuilder clean = new StringBuilder();
    for (String part : path.split("/")) {
      if (!part.isEmpty()) {
        clean.append('/').append(checkedName(path, part));
      }
    }
    if (clean.isEmpty()) {
      throw invalid(path, "is the root of the hierarchy");
    }
    return new CgroupPath(clean.toString());
  }

  private static String checkedName(String path, String part) {
    if (part.equals(".") || part.equals("..")) {
      throw invalid(path, "has a part " + part);
    }
    if (part.getBytes(java.nio.charset.StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
      throw invalid(path, "has a part longer than 255 bytes");
    }
    if (part.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
      throw invalid(path, "has a control character"); // the kernel refuses a newline, too
    }
    return part;
  }

  private static CriException.InvalidArgument invalid(String path, String why) {
    return new CriException.InvalidArgument("cgroup path \"" + path + "\" " + why);
  }

  /** The cgroup of this name below this one. */
  public CgroupPath child(String name) {
    if (name.contains("/") || name.isEmpty()) {
      throw invalid(path + "/" + name, "has no plain last part");
    }
    return new CgroupPath(path + "/" + checkedName(path, name));
  }

  /** From the outermost to the direct parent; empty for a cgroup right below the root. */
  public List<CgroupPath> parents() {
    List<CgroupPath> parents = new ArrayList<>();
    for (int i = path.indexOf('/', 1); i > 0; i = path.indexOf('/', i + 1)) {
      parents.add(new CgroupPath(path.substring(0, i)));
    }
    return List.copyOf(parents);
  }

  /** The last part. */
  public String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** The directory below a mount point. */
  Path under(Path mount) {
    return Path.of(mount + path);
  }

  @Override
  public int compareTo(CgroupPath other) {
    return path.compareTo(other.path);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CgroupPath that && that.path.equals(path);
  }

  @Override
  public int hashCode() {
    return path.hashCode();
  }

  @Override
  public String toString() {
    return path;
  }
}
