package io.onggi.container;

import static io.onggi.linux.KernelConstants.MOUNT_ATTR_RDONLY;
import static io.onggi.linux.KernelConstants.MS_SHARED;
import static io.onggi.linux.KernelConstants.MS_SLAVE;
import static io.onggi.linux.KernelConstants.S_IFBLK;
import static io.onggi.linux.KernelConstants.S_IFCHR;
import static io.onggi.linux.KernelConstants.S_IFIFO;

import io.onggi.error.CriException;
import io.onggi.launch.LaunchStep;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The file system part of a plan: bind sources, root, mounts, device nodes. Pure. */
final class MountCompiler {
  private static final int ROOT_SLOT = 0;
  private static final int SCRATCH_SLOT = 1;
  private static final int FIRST_BIND_SLOT = 2;
  private static final int LAST_SLOT = 2047;
  private static final int DIRECTORY_MODE = 0755;

  private static final Map<String, String> DEV_LINKS =
      Map.of(
          "/dev/fd", "/proc/self/fd",
          "/dev/stdin", "/proc/self/fd/0",
          "/dev/stdout", "/proc/self/fd/1",
          "/dev/stderr", "/proc/self/fd/2",
          "/dev/ptmx", "pts/ptmx");

  private final OciSpec spec;
  private final LaunchSite site;
  private final Optional<UserSteps> user;

  /** By identity: a request may name the same mount twice. */
  private final IdentityHashMap<OciSpec.Mount, Integer> bindSlots = new IdentityHashMap<>();

  private final Map<CgroupSite.Hierarchy, Integer> cgroupSlots = new HashMap<>();
  private int nextSlot = FIRST_BIND_SLOT;

  MountCompiler(OciSpec spec, LaunchSite site) {
    this.spec = spec;
    this.site = site;
    this.user = UserSteps.of(spec.linux());
  }

  /** Host paths whose mounts stay tied to the host's, cloned while those still propagate. */
  void openPropagating(List<LaunchStep> steps) {
    user.ifPresent(u -> steps.add(u.open()));
    for (OciSpec.Mount mount : spec.mounts()) {
      MountOptions options = MountOptions.parse(mount.options());
      if (mount.type().equals("bind") && propagates(options)) {
        boolean shared = options.propagation() == MS_SHARED;
        steps.add(new LaunchStep.NeedPropagation(shared, mount.source()));
        open(steps, mount, options);
      }
    }
  }

  private static boolean propagates(MountOptions options) {
    return options.propagation() == MS_SHARED || options.propagation() == MS_SLAVE;
  }

  private void open(List<LaunchStep> steps, OciSpec.Mount mount, MountOptions options) {
    int slot = slot(mount.destination());
    bindSlots.put(mount, slot);
    steps.add(new LaunchStep.OpenTree(slot, options.recursiveBind(), mount.source()));
    if (mount.uidMappings().isPresent()) {
      steps.add(
          new LaunchStep.IdMap(slot, options.recursiveBind(), UserSteps.SLOT, mount.source()));
    }
    narrow(steps, slot, options);
  }

  /** An image of several layers; its parts are where the topmost layer that has them says. */
  private void openImage(List<LaunchStep> steps, OciSpec.Mount mount, MountOptions options) {
    int slot = slot(mount.destination());
    bindSlots.put(mount, slot);
    List<Path> layers = values(options, SpecMounts.LAYER).map(Path::of).toList();
    steps.add(ImageVolumes.open(slot, layers, site.root().toString()));
    narrow(steps, slot, options);
  }

  private void narrow(List<LaunchStep> steps, int slot, MountOptions options) {
    values(options, SpecMounts.SUB_PATH)
        .forEach(p -> steps.add(new LaunchStep.Subtree(slot, p, site.root().toString())));
  }

  private static Stream<String> values(MountOptions options, String key) {
    return options.data().stream()
        .filter(o -> o.startsWith(key))
        .map(o -> o.substring(key.length()));
  }

  /**
   * Every other path that will be seen inside, cloned while the host's mounts are in view; they are
   * private by now, and so are the clones.
   */
  void openSources(List<LaunchStep> steps) {
    for (OciSpec.Mount mount : spec.mounts()) {
      MountOptions options = MountOptions.parse(mount.options());
      if (mount.type().equals("bind") && !propagates(options)) {
        open(steps, mount, options);
      } else if (mount.type().equals("overlay")) {
        openImage(steps, mount, options);
      } else if (mount.type().equals("cgroup") && site.cgroup().version() == 1) {
        for (CgroupSite.Hierarchy hierarchy : site.cgroup().hierarchies()) {
          int slot = slot(mount.destination());
          cgroupSlots.put(hierarchy, slot);
          steps.add(new LaunchStep.OpenTree(slot, false, hierarchy.directory().toString()));
        }
      }
    }
  }

  private int slot(String destination) {
    if (nextSlot > LAST_SLOT) {
      throw new CriException.InvalidArgument(
          "mount for "
              + destination
              + " is one too many: a container has at most "
              + (LAST_SLOT - FIRST_BIND_SLOT + 1)
              + " bind mounts");
    }
    return nextSlot++;
  }

  void attachRoot(List<LaunchStep> steps) {
    user.ifPresent(u -> steps.addAll(u.mapFolders(SCRATCH_SLOT, site.layers(), site.writable())));
    steps.add(
        new LaunchStep.Overlay(
            ROOT_SLOT,
            0,
            Optional.of(new LaunchStep.Upper(site.upper().toString(), site.work().toString())),
            site.layers().stream().map(Object::toString).toList(),
            List.of(),
            site.root().toString()));
    steps.add(new LaunchStep.AttachRoot(ROOT_SLOT, site.root().toString()));
  }

  void attachAll(List<LaunchStep> steps) {
    for (OciSpec.Mount mount : spec.mounts()) {
      switch (mount.type()) {
        case "bind", "overlay" -> attachBind(steps, mount);
        case SpecMounts.OWN_VOLUME -> steps.add(ownVolume(mount.destination()));
        case "cgroup" -> attachCgroups(steps, mount);
        default -> attachNew(steps, mount);
      }
      // Nodes are never made in a host's folder that is bound on /dev.
      if (mount.destination().equals("/dev") && !mount.type().equals("bind")) {
        devices(steps);
      }
    }
    String cwd = spec.process().cwd();
    if (!cwd.equals("/")) {
      steps.add(new LaunchStep.Mkdir(DIRECTORY_MODE, LaunchStep.Owner.ROOT, cwd));
    }
  }

  private LaunchStep ownVolume(String path) {
    return spec.root().readonly()
        ? new LaunchStep.SelfBind(path)
        : new LaunchStep.Mkdir(DIRECTORY_MODE, LaunchStep.Owner.ROOT, path);
  }

  private void attachNew(List<LaunchStep> steps, OciSpec.Mount mount) {
    MountOptions options = MountOptions.parse(mount.options());
    List<String> data =
        options.data().stream().map(o -> user.map(u -> u.onHost(o)).orElse(o)).toList();
    steps.add(
        new LaunchStep.NewFs(
            SCRATCH_SLOT, options.attributes(), mount.type(), mount.source(), data));
    steps.add(new LaunchStep.Attach(SCRATCH_SLOT, false, DIRECTORY_MODE, mount.destination()));
  }

  private void attachBind(List<LaunchStep> steps, OciSpec.Mount mount) {
    int slot = bindSlots.getOrDefault(mount, SCRATCH_SLOT);
    MountOptions options = MountOptions.parse(mount.options());
    long propagation = propagates(options) ? options.propagation() : 0;
    long recursive = options.recursiveAttributes();
    if (recursive != 0 || options.recursiveCleared() != 0 || propagation != 0) {
      steps.add(
          new LaunchStep.SetAttr(slot, true, recursive, options.recursiveCleared(), propagation));
    }
    if (options.attributes() != 0 || options.cleared() != 0) {
      steps.add(new LaunchStep.SetAttr(slot, false, options.attributes(), options.cleared(), 0));
    }
    // Mode 0: the shim makes a missing target 0755 for a folder, 0644 for a file.
    steps.add(new LaunchStep.Attach(slot, false, 0, mount.destination()));
  }

  /** v1: a tmpfs with the container's own directory of each hierarchy; v2: its cgroup namespace. */
  private void attachCgroups(List<LaunchStep> steps, OciSpec.Mount mount) {
    MountOptions options = MountOptions.parse(mount.options());
    long writable = options.attributes() & ~MOUNT_ATTR_RDONLY;
    if (site.cgroup().version() == 2) {
      steps.add(
          new LaunchStep.NewFs(
              SCRATCH_SLOT, options.attributes(), "cgroup2", "cgroup2", List.of()));
      steps.add(new LaunchStep.Attach(SCRATCH_SLOT, false, DIRECTORY_MODE, mount.destination()));
      return;
    }
    steps.add(new LaunchStep.NewFs(SCRATCH_SLOT, writable, "tmpfs", "tmpfs", List.of("mode=755")));
    steps.add(new LaunchStep.Attach(SCRATCH_SLOT, false, DIRECTORY_MODE, mount.destination()));
    for (CgroupSite.Hierarchy hierarchy : site.cgroup().hierarchies()) {
      int slot = cgroupSlots.getOrDefault(hierarchy, SCRATCH_SLOT);
      steps.add(new LaunchStep.SetAttr(slot, false, options.attributes(), 0, 0));
      steps.add(
          new LaunchStep.Attach(
              slot, false, DIRECTORY_MODE, mount.destination() + "/" + hierarchy.mount()));
      linkControllers(steps, mount.destination(), hierarchy.mount());
    }
    if (writable != options.attributes()) {
      steps.add(new LaunchStep.PathAttr(false, MOUNT_ATTR_RDONLY, 0, 0, mount.destination()));
    }
  }

  /** Programs look for cpu, not for cpu,cpuacct: the host has these links beside the mount too. */
  private static void linkControllers(List<LaunchStep> steps, String destination, String mount) {
    if (mount.contains(",")) {
      for (String controller : mount.split(",")) {
        steps.add(new LaunchStep.Symlink(mount, destination + "/" + controller));
      }
    }
  }

  private void devices(List<LaunchStep> steps) {
    for (OciSpec.Device device : spec.linux().devices()) {
      int type =
          switch (device.type()) {
            case "b" -> S_IFBLK;
            case "p" -> S_IFIFO;
            default -> S_IFCHR;
          };
      steps.add(
          new LaunchStep.Mknod(
              type | device.fileMode(),
              (int) device.major(),
              (int) device.minor(),
              user.map(u -> u.owner(device))
                  .orElse(new LaunchStep.Owner(device.uid(), device.gid())),
              device.path()));
    }
    DEV_LINKS.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(e -> steps.add(new LaunchStep.Symlink(e.getValue(), e.getKey())));
  }

  void finishRoot(List<LaunchStep> steps) {
    if (spec.root().readonly()) {
      steps.add(new LaunchStep.PathAttr(false, MOUNT_ATTR_RDONLY, 0, 0, "/"));
    }
  }

  /** Nodes that every container has (OCI runtime-spec, config-linux.md, default devices). */
  static List<OciSpec.Device> standardDevices() {
    List<OciSpec.Device> list = new ArrayList<>();
    list.add(node("/dev/null", 1, 3));
    list.add(node("/dev/zero", 1, 5));
    list.add(node("/dev/full", 1, 7));
    list.add(node("/dev/random", 1, 8));
    list.add(node("/dev/urandom", 1, 9));
    list.add(node("/dev/tty", 5, 0));
    return list;
  }

  private static OciSpec.Device node(String path, long major, long minor) {
    return new OciSpec.Device("c", path, major, minor, 0666, 0, 0);
  }
}
