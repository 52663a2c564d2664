package io.onggi.container;

import io.onggi.error.CriException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Device nodes of the host. Requests lead below /dev only, never to a user's path, which may hang;
 * the node's administrator may name others in a CDI file (a driver's root below /run).
 */
public final class HostDevices {
  private static final Path DEV = Path.of("/dev");
  private static final int TYPE_MASK = 0170000;
  private static final int CHARACTER = 0020000;
  private static final int BLOCK = 0060000;
  private static final int PERMISSIONS = 07777;

  /** Places of /dev that a container has of its own. */
  private static final Set<String> OWN =
      Set.of("/dev/pts", "/dev/shm", "/dev/mqueue", "/dev/fd", "/dev/console", "/dev/ptmx");

  private HostDevices() {}

  /** Every device node of the host, for a privileged container. */
  static List<OciSpec.Device> all() {
    List<OciSpec.Device> list = new ArrayList<>();
    collect(DEV, list);
    return list;
  }

  /**
   * The node at that path (or the nodes below that folder), as it shall appear in the container.
   *
   * @throws CriException.InvalidArgument when there is no such device
   */
  static List<OciSpec.Device> at(String hostPath, String containerPath) {
    Path host = Path.of(hostPath).normalize();
    if (!host.startsWith(DEV)) {
      throw new CriException.InvalidArgument(
          "device host_path \"" + hostPath + "\" is not below /dev");
    }
    try {
      Path real = host.toRealPath();
      List<OciSpec.Device> list = new ArrayList<>();
      if (Files.isDirectory(real, LinkOption.NOFOLLOW_LINKS)) {
        collect(real, list);
      } else {
        add(real, list);
      }
      if (list.isEmpty()) {
        throw new CriException.InvalidArgument("\"" + hostPath + "\" of the host is no device");
      }
      return list.stream()
          .map(d -> moved(d, containerPath + d.path().substring(real.toString().length())))
          .toList();
    } catch (NoSuchFileException e) {
      throw new CriException.InvalidArgument(
          "device host_path \"" + hostPath + "\" is not on this node; is its driver loaded?", e);
    } catch (IOException e) {
      throw new CriException.InvalidArgument(
          "device host_path \"" + hostPath + "\" cannot be read: " + e, e);
    }
  }

  /**
   * The node at that path, or that its symbolic links lead to.
   *
   * @throws CriException.InvalidArgument when there is no such device
   */
  public static OciSpec.Device node(String hostPath) {
    try {
      List<OciSpec.Device> list = new ArrayList<>();
      add(Path.of(hostPath).toRealPath(), list);
      if (list.isEmpty()) {
        throw new CriException.InvalidArgument("\"" + hostPath + "\" of the host is no device");
      }
      return list.getFirst();
    } catch (NoSuchFileException e) {
      throw new CriException.InvalidArgument(
          "device \"" + hostPath + "\" is not on this node; is its driver loaded?", e);
    } catch (IOException e) {
      throw new CriException.InvalidArgument(
          "device \"" + hostPath + "\" of the host cannot be looked at: " + e, e);
    }
  }

  private static OciSpec.Device moved(OciSpec.Device d, String path) {
    return new OciSpec.Device(d.type(), path, d.major(), d.minor(), d.fileMode(), d.uid(), d.gid());
  }

  private static void collect(Path folder, List<OciSpec.Device> into) {
    if (OWN.contains(folder.toString())) {
      return;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
          collect(entry, into);
        } else if (!OWN.contains(entry.toString())) {
          add(entry, into);
        }
      }
    } catch (IOException _) {
      return; // a folder that went away meanwhile has no devices
    }
  }

  private static void add(Path node, List<OciSpec.Device> into) throws IOException {
    int mode = (Integer) attribute(node, "mode");
    long rdev = (Long) attribute(node, "rdev");
    int type = mode & TYPE_MASK;
    if (type == CHARACTER || type == BLOCK) {
      into.add(
          new OciSpec.Device(
              type == BLOCK ? "b" : "c",
              node.toString(),
              major(rdev),
              minor(rdev),
              mode & PERMISSIONS,
              (Integer) attribute(node, "uid"),
              (Integer) attribute(node, "gid")));
    }
  }

  private static Object attribute(Path node, String name) throws IOException {
    return Files.getAttribute(node, "unix:" + name, LinkOption.NOFOLLOW_LINKS);
  }

  /** The kernel's 64-bit device number, taken apart as glibc's major(3) does. */
  private static long major(long rdev) {
    return (rdev >>> 8 & 0xfff) | (rdev >>> 32 & 0xfffff000L);
  }

  private static long minor(long rdev) {
    return (rdev & 0xff) | (rdev >>> 12 & 0xffffff00L);
  }
}
