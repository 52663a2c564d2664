package io.onggi.container;

import io.onggi.container.seccomp.SeccompProfile;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The part of an OCI runtime {@code config.json} that Onggi fills; component names are the JSON
 * names (OCI runtime-spec 1.3.0, config.md and config-linux.md). This form is what CDI, NRI, hooks
 * and other OCI runtimes work on.
 */
public record OciSpec(
    String ociVersion,
    Root root,
    Process process,
    String hostname,
    List<Mount> mounts,
    Optional<OciHooks> hooks,
    Map<String, String> annotations,
    Linux linux) {

  /** The OCI runtime-spec version of the names used here. */
  public static final String VERSION = "1.3.0";

  public OciSpec {
    mounts = List.copyOf(mounts);
    annotations = Map.copyOf(annotations);
  }

  public OciSpec with(Process changed) {
    return new OciSpec(ociVersion, root, changed, hostname, mounts, hooks, annotations, linux);
  }

  public OciSpec with(Linux changed) {
    return new OciSpec(ociVersion, root, process, hostname, mounts, hooks, annotations, changed);
  }

  public OciSpec withMounts(List<Mount> changed) {
    return new OciSpec(ociVersion, root, process, hostname, changed, hooks, annotations, linux);
  }

  public OciSpec withHooks(OciHooks changed) {
    Optional<OciHooks> kept = changed.isEmpty() ? Optional.empty() : Optional.of(changed);
    return new OciSpec(ociVersion, root, process, hostname, mounts, kept, annotations, linux);
  }

  /** The same with another filter of system calls; empty: none. */
  OciSpec withSeccomp(Optional<SeccompProfile> profile) {
    return with(linux.withSeccomp(profile));
  }

  /** The root file system: {@code path} is where it would be mounted, relative to the bundle. */
  public record Root(String path, boolean readonly) {}

  @SuppressWarnings("AvoidCommonTypeNames") // the specification calls it so
  public record Process(
      boolean terminal,
      User user,
      List<String> args,
      List<String> env,
      String cwd,
      Capabilities capabilities,
      List<Rlimit> rlimits,
      boolean noNewPrivileges,
      Optional<Integer> oomScoreAdj) {
    public Process {
      args = List.copyOf(args);
      env = List.copyOf(env);
      rlimits = List.copyOf(rlimits);
    }

    public Process withUser(User changed) {
      return new Process(
          terminal, changed, args, env, cwd, capabilities, rlimits, noNewPrivileges, oomScoreAdj);
    }

    public Process withEnv(List<String> changed) {
      return new Process(
          terminal, user, args, changed, cwd, capabilities, rlimits, noNewPrivileges, oomScoreAdj);
    }
  }

  public record User(long uid, long gid, List<Long> additionalGids) {
    public User {
      additionalGids = List.copyOf(additionalGids);
    }
  }

  /** The five sets, names such as CAP_CHOWN. */
  public record Capabilities(
      List<String> bounding,
      List<String> effective,
      List<String> inheritable,
      List<String> permitted,
      List<String> ambient) {
    public Capabilities {
      bounding = List.copyOf(bounding);
      effective = List.copyOf(effective);
      inheritable = List.copyOf(inheritable);
      permitted = List.copyOf(permitted);
      ambient = List.copyOf(ambient);
    }
  }

  public record Rlimit(String type, long hard, long soft) {}

  /**
   * As in mount(8): {@code options} mixes flags and file system data. With mappings its owners are
   * translated by them, which are the container's own.
   */
  public record Mount(
      String destination,
      String type,
      String source,
      List<String> options,
      Optional<List<IdMap>> uidMappings,
      Optional<List<IdMap>> gidMappings) {
    public Mount {
      options = List.copyOf(options);
      uidMappings = uidMappings.map(List::copyOf);
      gidMappings = gidMappings.map(List::copyOf);
    }

    public Mount(String destination, String type, String source, List<String> options) {
      this(destination, type, source, options, Optional.empty(), Optional.empty());
    }
  }

  /** {@code size} ids from {@code containerID} are the node's from {@code hostID}. */
  public record IdMap(long containerID, long hostID, long size) {}

  /**
   * @param netDevices by the name on the host
   */
  public record Linux(
      List<Namespace> namespaces,
      List<Device> devices,
      Optional<Map<String, NetDevice>> netDevices,
      String cgroupsPath,
      Optional<Resources> resources,
      Map<String, String> sysctl,
      List<String> maskedPaths,
      List<String> readonlyPaths,
      String rootfsPropagation,
      Optional<SeccompProfile> seccomp,
      Optional<IntelRdt> intelRdt,
      Optional<List<IdMap>> uidMappings,
      Optional<List<IdMap>> gidMappings) {
    public Linux {
      uidMappings = uidMappings.map(List::copyOf);
      gidMappings = gidMappings.map(List::copyOf);
      namespaces = List.copyOf(namespaces);
      devices = List.copyOf(devices);
      netDevices = netDevices.map(Map::copyOf);
      sysctl = Map.copyOf(sysctl);
      maskedPaths = List.copyOf(maskedPaths);
      readonlyPaths = List.copyOf(readonlyPaths);
    }

    Linux withSeccomp(Optional<SeccompProfile> changed) {
      return new Linux(
          namespaces,
          devices,
          netDevices,
          cgroupsPath,
          resources,
          sysctl,
          maskedPaths,
          readonlyPaths,
          rootfsPropagation,
          changed,
          intelRdt,
          uidMappings,
          gidMappings);
    }

    /** Other nodes in /dev, and other rules of what may be opened. */
    public Linux withDevices(List<Device> nodes, List<DeviceCgroup> rules) {
      return new Linux(
          namespaces,
          nodes,
          netDevices,
          cgroupsPath,
          Optional.of(new Resources(rules)),
          sysctl,
          maskedPaths,
          readonlyPaths,
          rootfsPropagation,
          seccomp,
          intelRdt,
          uidMappings,
          gidMappings);
    }

    /** The rules in force, in order; none: everything may be opened. */
    public List<DeviceCgroup> deviceRules() {
      return resources.map(Resources::devices).orElse(List.of());
    }

    public Linux withHost(Map<String, NetDevice> interfaces, Optional<IntelRdt> rdt) {
      return new Linux(
          namespaces,
          devices,
          interfaces.isEmpty() ? Optional.empty() : Optional.of(interfaces),
          cgroupsPath,
          resources,
          sysctl,
          maskedPaths,
          readonlyPaths,
          rootfsPropagation,
          seccomp,
          rdt,
          uidMappings,
          gidMappings);
    }
  }

  /** The cgroup's part that is a matter of the spec; limits are the request's, they change. */
  public record Resources(List<DeviceCgroup> devices) {
    public Resources {
      devices = List.copyOf(devices);
    }
  }

  /**
   * A rule of the devices cgroup; a later one overrides an earlier one.
   *
   * @param type a (all), c or b
   * @param major empty: any
   * @param minor empty: any
   * @param access of the letters r, w and m
   */
  public record DeviceCgroup(
      boolean allow, String type, Optional<Long> major, Optional<Long> minor, String access) {
    static DeviceCgroup allow(Device node, String access) {
      return new DeviceCgroup(
          true, node.type(), Optional.of(node.major()), Optional.of(node.minor()), access);
    }
  }

  /** An interface of the host that is moved into the container's network namespace. */
  public record NetDevice(String name) {}

  /** A class of service of the resctrl file system (config-linux.md, IntelRdt). */
  public record IntelRdt(
      Optional<String> closID,
      Optional<String> l3CacheSchema,
      Optional<String> memBwSchema,
      Optional<List<String>> schemata,
      boolean enableMonitoring) {}

  /** {@code path} empty: a new namespace; else a pinned one to join. */
  public record Namespace(String type, String path) {}

  /** {@code type} c, b or p; {@code fileMode} the permission bits. */
  public record Device(
      String type, String path, long major, long minor, int fileMode, long uid, long gid) {}
}
