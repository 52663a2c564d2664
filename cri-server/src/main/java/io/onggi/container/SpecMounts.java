package io.onggi.container;

import io.onggi.container.ContainerSpec.MountSpec;
import io.onggi.container.ContainerSpec.Propagation;
import io.onggi.image.content.ImageConfig;
import io.onggi.sandbox.UserMapping;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The mounts of a container: what every container has, the image's volumes, and what was asked for,
 * which wins. Pure.
 */
final class SpecMounts {
  /**
   * Type of an image's own volume (its configuration's Volumes): a folder of the root that stays
   * writable when the root is not. No OCI type; only the built-in handler knows it.
   */
  static final String OWN_VOLUME = "onggi-volume";

  /** Option with the part of an image to be mounted; X-* are for programs, not for the kernel. */
  static final String SUB_PATH = "X-onggi.sub-path=";

  /** Option with one layer of an image, the topmost first (fsconfig's name for it). */
  static final String LAYER = "lowerdir+=";

  private final ContainerSpec spec;
  private final ImageConfig image;
  private final SandboxFiles sandbox;
  private final Map<String, List<Path>> volumeLayers;

  /**
   * @param volumeLayers the layers of images mounted as volumes, by id
   */
  SpecMounts(
      ContainerSpec spec,
      ImageConfig image,
      SandboxFiles sandbox,
      Map<String, List<Path>> volumeLayers) {
    this.spec = spec;
    this.image = image;
    this.sandbox = sandbox;
    this.volumeLayers = volumeLayers;
  }

  /** In the order in which they are made. */
  List<OciSpec.Mount> list() {
    List<OciSpec.Mount> list = standard();
    list.removeIf(m -> spec.mounts().stream().anyMatch(asked -> hides(asked, m.destination())));
    list.addAll(0, ownVolumes(list));
    spec.mounts().forEach(m -> list.add(requested(m)));
    list.sort(Comparator.comparingInt(m -> depth(m.destination())));
    return list;
  }

  private List<OciSpec.Mount> standard() {
    String access = spec.security().privileged() ? "rw" : "ro";
    List<OciSpec.Mount> list = new ArrayList<>();
    list.add(new OciSpec.Mount("/proc", "proc", "proc", List.of("nosuid", "noexec", "nodev")));
    list.add(
        new OciSpec.Mount(
            "/dev", "tmpfs", "tmpfs", List.of("nosuid", "strictatime", "mode=755", "size=65536k")));
    list.add(
        new OciSpec.Mount(
            "/dev/pts",
            "devpts",
            "devpts",
            List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5")));
    list.add(
        new OciSpec.Mount("/dev/mqueue", "mqueue", "mqueue", List.of("nosuid", "noexec", "nodev")));
    list.add(
        new OciSpec.Mount("/sys", "sysfs", "sysfs", List.of("nosuid", "noexec", "nodev", access)));
    list.add(
        new OciSpec.Mount(
            "/sys/fs/cgroup", "cgroup", "cgroup", List.of("nosuid", "noexec", "nodev", access)));
    list.add(bind("/dev/shm", sandbox.shm().toString(), "rw"));
    String files = spec.security().readOnlyRootfs() ? "ro" : "rw";
    list.add(bind("/etc/hosts", sandbox.hosts().toString(), files));
    list.add(bind("/etc/hostname", sandbox.hostname().toString(), files));
    list.add(bind("/etc/resolv.conf", sandbox.resolvConf().toString(), files));
    return list;
  }

  /**
   * Whether a mount that was asked for takes the place of one of ours: the same place, below a
   * whole /dev (which brings its own), or where ours would spread to the host.
   */
  private static boolean hides(MountSpec asked, String ours) {
    String place = normal(asked.containerPath());
    return ours.equals(place)
        || (isBelow(ours, place)
            && (place.equals("/dev") || asked.propagation() == Propagation.BIDIRECTIONAL));
  }

  /** Those that no other mount lies on or above: there, the mount's content decides. */
  private List<OciSpec.Mount> ownVolumes(List<OciSpec.Mount> standard) {
    return image.volumes().stream()
        .map(v -> normal("/" + v))
        .filter(v -> !v.equals("/"))
        .distinct()
        .sorted()
        .filter(v -> standard.stream().noneMatch(m -> covers(m.destination(), v)))
        .filter(v -> spec.mounts().stream().noneMatch(m -> covers(normal(m.containerPath()), v)))
        .map(v -> new OciSpec.Mount(v, OWN_VOLUME, "", List.of()))
        .toList();
  }

  private OciSpec.Mount requested(MountSpec mount) {
    return mount.image().isPresent() ? volume(mount, mount.image().get()) : host(mount);
  }

  private OciSpec.Mount host(MountSpec mount) {
    List<String> options = new ArrayList<>();
    options.add("rbind");
    options.add(
        switch (mount.propagation()) {
          case PRIVATE -> "rprivate";
          case HOST_TO_CONTAINER -> "rslave";
          case BIDIRECTIONAL -> "rshared";
        });
    options.add(mount.recursiveReadOnly() ? "rro" : mount.readOnly() ? "ro" : "rw");
    options.addAll(mount.options());
    Optional<UserMapping> owners =
        spec.security().namespaces().user().filter(_ -> mount.idMapped());
    return new OciSpec.Mount(
        normal(mount.containerPath()),
        "bind",
        mount.hostPath(),
        options,
        owners.map(u -> SpecBuilder.idMap(u.uids())),
        owners.map(u -> SpecBuilder.idMap(u.gids())));
  }

  /** One layer is a bind mount, for an overlay needs two; nodes of devices in it are of no use. */
  private OciSpec.Mount volume(MountSpec mount, ImageVolume volume) {
    List<Path> layers = volumeLayers.getOrDefault(volume.image(), List.of());
    boolean single = layers.size() == 1;
    List<String> options = new ArrayList<>();
    if (single) {
      options.addAll(List.of("bind", "private"));
    }
    options.addAll(List.of("ro", "nodev"));
    mount.options().stream().filter(o -> !options.contains(o)).forEach(options::add);
    if (!single) {
      layers.forEach(layer -> options.add(LAYER + layer));
    }
    if (!volume.subPath().isEmpty()) {
      options.add(SUB_PATH + volume.subPath());
    }
    return new OciSpec.Mount(
        normal(mount.containerPath()),
        single ? "bind" : "overlay",
        single ? layers.getFirst().toString() : "overlay",
        options);
  }

  private static OciSpec.Mount bind(String destination, String source, String access) {
    return new OciSpec.Mount(destination, "bind", source, List.of("rbind", "rprivate", access));
  }

  /** A parent is mounted before what lies in it; the pod's own files too, on a volume at /etc. */
  private static int depth(String path) {
    return (int) path.chars().filter(c -> c == '/').count();
  }

  private static boolean covers(String mount, String path) {
    return mount.equals(path) || isBelow(path, mount);
  }

  private static boolean isBelow(String path, String folder) {
    return path.startsWith(folder + "/");
  }

  private static String normal(String path) {
    return Path.of(path).normalize().toString();
  }
}
