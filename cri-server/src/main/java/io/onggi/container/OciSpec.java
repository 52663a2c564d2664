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
    Map<String, String> annotations,
    Linux linux) {

  /** The OCI runtime-spec version of the names used here. */
  public static final String VERSION = "1.3.0";

  public OciSpec {
    mounts = List.copyOf(mounts);
    annotations = Map.copyOf(annotations);
  }

  /** The same with another filter of system calls; empty: none. */
  OciSpec withSeccomp(Optional<SeccompProfile> profile) {
    return new OciSpec(
        ociVersion,
        root,
        process,
        hostname,
        mounts,
        annotations,
        new Linux(
            linux.namespaces,
            linux.devices,
            linux.cgroupsPath,
            linux.sysctl,
            linux.maskedPaths,
            linux.readonlyPaths,
            linux.rootfsPropagation,
            profile));
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

  /** As in mount(8): {@code options} mixes flags and file system data. */
  public record Mount(String destination, String type, String source, List<String> options) {
    public Mount {
      options = List.copyOf(options);
    }
  }

  public record Linux(
      List<Namespace> namespaces,
      List<Device> devices,
      String cgroupsPath,
      Map<String, String> sysctl,
      List<String> maskedPaths,
      List<String> readonlyPaths,
      String rootfsPropagation,
      Optional<SeccompProfile> seccomp) {
    public Linux {
      namespaces = List.copyOf(namespaces);
      devices = List.copyOf(devices);
      sysctl = Map.copyOf(sysctl);
      maskedPaths = List.copyOf(maskedPaths);
      readonlyPaths = List.copyOf(readonlyPaths);
    }
  }

  /** {@code path} empty: a new namespace; else a pinned one to join. */
  public record Namespace(String type, String path) {}

  /** {@code type} c, b or p; {@code fileMode} the permission bits. */
  public record Device(
      String type, String path, long major, long minor, int fileMode, long uid, long gid) {}
}
