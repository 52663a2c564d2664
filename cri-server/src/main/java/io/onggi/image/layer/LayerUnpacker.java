package io.onggi.image.layer;

import io.onggi.image.content.BadContent;
import io.onggi.image.tar.TarEntry;
import io.onggi.image.tar.TarNames;
import io.onggi.image.tar.TarReader;
import io.onggi.linux.Errno;
import io.onggi.linux.FileAttributes;
import io.onggi.linux.LinuxException;
import io.onggi.linux.RootedDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Lays a layer's archive down as overlayfs wants a lower directory: whiteouts ({@code .wh.name},
 * OCI image specification layer.md) become character devices 0/0, opaque marks the attribute
 * trusted.overlay.opaque. Names cannot leave the directory: {@link RootedDirectory} sees to it.
 */
final class LayerUnpacker {
  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";

  /** What AUFS kept for itself; old Docker archives still hold it. */
  private static final String AUFS_METADATA = ".wh..wh.";

  private static final String OVERLAY_XATTRS = "trusted.overlay.";
  private static final byte[] YES = "y".getBytes(StandardCharsets.US_ASCII);
  private static final int BLOCK = 4096;

  /** Their times are set at the end, so they are remembered: this bounds the memory. */
  private static final int MAX_DIRECTORIES = 1 << 20;

  private static final int S_IFIFO = 0010000;
  private static final int S_IFCHR = 0020000;
  private static final int S_IFBLK = 0060000;

  private final RootedDirectory root;
  private final byte[] buffer = new byte[128 * 1024];
  private final List<DirectoryTime> directoryTimes = new ArrayList<>();
  private long bytes = BLOCK; // the root itself
  private long inodes = 1;

  private record DirectoryTime(String path, long seconds, int nanos) {}

  LayerUnpacker(RootedDirectory root) {
    this.root = root;
  }

  /**
   * Applies the archive.
   *
   * @throws BadContent for a malformed archive or entries that contradict each other
   * @throws LinuxException when the file system refuses (disk full)
   */
  LayerUsage unpack(InputStream stream) throws IOException {
    TarReader tar = new TarReader(stream);
    for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
      apply(tar, entry);
    }
    // Backwards: a parent comes before its children, and their times do not change its own.
    for (DirectoryTime time : directoryTimes.reversed()) {
      root.setTimes(time.path, time.seconds, time.nanos);
    }
    long implied = root.impliedDirectories();
    return new LayerUsage(bytes + implied * BLOCK, inodes + implied);
  }

  private void apply(TarReader tar, TarEntry entry) throws IOException {
    String path = TarNames.clean(entry.name());
    int slash = path.lastIndexOf('/');
    String name = path.substring(slash + 1);
    String parent = slash < 0 ? "" : path.substring(0, slash);
    if (name.equals(OPAQUE)) {
      makeOpaque(entry, parent);
    } else if (path.startsWith(AUFS_METADATA) || name.startsWith(AUFS_METADATA)) {
      return;
    } else if (name.startsWith(WHITEOUT)) {
      whiteOut(entry, parent, name.substring(WHITEOUT.length()));
    } else if (entry.type() == TarEntry.Type.DIRECTORY) {
      directory(entry, path);
    } else if (path.isEmpty()) {
      throw new BadContent("entry \"" + entry.shownName() + "\" would replace the root directory");
    } else {
      create(tar, entry, path);
    }
  }

  private void create(TarReader tar, TarEntry entry, String path) throws IOException {
    try {
      createOnce(tar, entry, path);
    } catch (LinuxException e) {
      if (!e.is(Errno.EEXIST) || path.equals(TarNames.clean(entry.linkName()))) {
        throw e;
      }
      // The later entry of an archive wins; no data has been read yet.
      root.remove(path);
      createOnce(tar, entry, path);
    }
  }

  private void createOnce(TarReader tar, TarEntry entry, String path) throws IOException {
    FileAttributes attributes = attributes(entry);
    switch (entry.type()) {
      case FILE -> file(tar, entry, path, attributes);
      case SYMLINK -> {
        if (entry.linkName().isEmpty()) {
          throw new BadContent("symlink \"" + entry.shownName() + "\" has no target");
        }
        root.symlink(path, entry.linkName(), attributes);
        finish(entry, path);
      }
      case HARD_LINK -> {
        root.hardLink(path, TarNames.clean(entry.linkName()));
        return;
      }
      case CHARACTER_DEVICE -> node(entry, path, S_IFCHR, attributes);
      case BLOCK_DEVICE -> node(entry, path, S_IFBLK, attributes);
      case FIFO -> node(entry, path, S_IFIFO, attributes);
      case DIRECTORY -> throw new IllegalStateException("directories are made elsewhere");
    }
    inodes++;
  }

  private void file(TarReader tar, TarEntry entry, String path, FileAttributes attributes)
      throws IOException {
    try (RootedDirectory.NewFile file = root.createFile(path, attributes)) {
      int n = tar.read(buffer, 0, buffer.length);
      while (n >= 0) {
        file.write(buffer, 0, n);
        n = tar.read(buffer, 0, buffer.length);
      }
      file.finish();
      for (Map.Entry<String, byte[]> xattr : entry.xattrs().entrySet()) {
        if (isAllowed(xattr.getKey())) {
          file.setXattr(xattr.getKey(), xattr.getValue());
        }
      }
    }
    bytes += (entry.size() + BLOCK - 1) / BLOCK * BLOCK;
  }

  private void node(TarEntry entry, String path, int type, FileAttributes attributes) {
    root.makeNode(path, type, entry.deviceMajor(), entry.deviceMinor(), attributes);
    finish(entry, path);
  }

  private void finish(TarEntry entry, String path) {
    setXattrs(entry, path);
    root.setTimes(path, entry.mtimeSeconds(), entry.mtimeNanos());
  }

  private void directory(TarEntry entry, String path) {
    FileAttributes attributes = attributes(entry);
    switch (root.kind(path)) {
      case DIRECTORY -> root.changeDirectory(path, attributes);
      case NOTHING -> makeDirectory(path, attributes);
      case WHITEOUT -> {
        // "Gone below" and then "here again": what was below must stay unseen.
        root.remove(path);
        makeDirectory(path, attributes);
        root.setXattr(path, OVERLAY_XATTRS + "opaque", YES);
      }
      case OTHER -> {
        root.remove(path);
        makeDirectory(path, attributes);
      }
    }
    setXattrs(entry, path);
    if (directoryTimes.size() == MAX_DIRECTORIES) {
      throw new BadContent("more than " + MAX_DIRECTORIES + " directories in one layer");
    }
    directoryTimes.add(new DirectoryTime(path, entry.mtimeSeconds(), entry.mtimeNanos()));
  }

  private void makeDirectory(String path, FileAttributes attributes) {
    root.makeDirectory(path, attributes);
    bytes += BLOCK;
    inodes++;
  }

  /** Whiteouts speak of lower layers only, so what this layer itself holds there stays. */
  private void whiteOut(TarEntry entry, String parent, String target) {
    if (target.isEmpty() || target.equals(".") || target.equals("..")) {
      throw new BadContent("whiteout \"" + entry.shownName() + "\" names no file");
    }
    String path = parent.isEmpty() ? target : parent + "/" + target;
    switch (root.kind(path)) {
      case NOTHING -> {
        root.makeNode(path, S_IFCHR, 0, 0, FileAttributes.ofMode(0));
        inodes++;
      }
      case DIRECTORY -> root.setXattr(path, OVERLAY_XATTRS + "opaque", YES);
      case WHITEOUT, OTHER -> {
        return; // hidden already
      }
    }
  }

  private void makeOpaque(TarEntry entry, String path) {
    switch (root.kind(path)) {
      case DIRECTORY -> root.setXattr(path, OVERLAY_XATTRS + "opaque", YES);
      case NOTHING -> {
        makeDirectory(path, FileAttributes.ofMode(0755));
        root.setXattr(path, OVERLAY_XATTRS + "opaque", YES);
      }
      case WHITEOUT, OTHER ->
          throw new BadContent(
              "opaque mark \"" + entry.shownName() + "\" is in what is no directory");
    }
  }

  private void setXattrs(TarEntry entry, String path) {
    entry
        .xattrs()
        .forEach(
            (name, value) -> {
              if (isAllowed(name)) {
                root.setXattr(path, name, value);
              }
            });
  }

  /** Overlayfs's own attributes redirect lookups: they are ours to set, never the archive's. */
  private static boolean isAllowed(String xattr) {
    return !xattr.startsWith(OVERLAY_XATTRS) && !xattr.startsWith("user.overlay.");
  }

  private static FileAttributes attributes(TarEntry entry) {
    return new FileAttributes(
        entry.mode(), entry.uid(), entry.gid(), entry.mtimeSeconds(), entry.mtimeNanos());
  }
}
