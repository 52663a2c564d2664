package io.onggi.container;

import io.onggi.container.ContainerSpec.EnvironmentVariable;
import io.onggi.container.ContainerSpec.SecuritySpec;
import io.onggi.error.CriException;
import io.onggi.image.content.ImageConfig;
import io.onggi.sandbox.IdMapping;
import io.onggi.sandbox.UserMapping;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes the OCI spec of a container from what was asked, the image's configuration and the sandbox.
 * Pure: the same input gives the same spec.
 */
final class SpecBuilder {
  private static final String DEFAULT_PATH =
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final ContainerSpec spec;
  private final ImageConfig image;
  private final Identity identity;
  private final SandboxFiles sandbox;
  private final Optional<UserMapping> user;

  SpecBuilder(ContainerSpec spec, ImageConfig image, Identity identity, SandboxFiles sandbox) {
    this.spec = spec;
    this.image = image;
    this.identity = identity;
    this.sandbox = sandbox;
    this.user = spec.security().namespaces().user();
  }

  /**
   * @param root where the root file system is attached, in the container's mount namespace only
   * @param mounts in the order in which they are made
   * @param devices nodes in /dev and what may be opened
   * @param cgroup the container's path below each hierarchy
   */
  OciSpec build(Path root, List<OciSpec.Mount> mounts, DeviceAccess devices, String cgroup) {
    SecuritySpec security = spec.security();
    user.ifPresent(this::checkIdentity);
    OciSpec.Process process =
        new OciSpec.Process(
            spec.terminal(),
            new OciSpec.User(identity.uid(), identity.gid(), identity.groups()),
            args(),
            environment(),
            workingDirectory(),
            capabilities(),
            List.of(),
            security.noNewPrivileges(),
            spec.oomScoreAdj().isPresent()
                ? Optional.of(spec.oomScoreAdj().getAsInt())
                : Optional.empty());
    OciSpec.Linux linux =
        new OciSpec.Linux(
            namespaces(),
            devices.nodes(),
            Optional.empty(),
            cgroup,
            Optional.of(new OciSpec.Resources(devices.rules())),
            Map.of(),
            security.privileged() ? List.of() : security.maskedPaths(),
            security.privileged() ? List.of() : security.readonlyPaths(),
            "private",
            Optional.empty(),
            Optional.empty(),
            user.map(u -> idMap(u.uids())),
            user.map(u -> idMap(u.gids())));
    return new OciSpec(
        OciSpec.VERSION,
        new OciSpec.Root(root.toString(), security.readOnlyRootfs()),
        process,
        sandbox.hostnameText(),
        mounts,
        Optional.empty(),
        spec.annotations(),
        linux);
  }

  static List<OciSpec.IdMap> idMap(IdMapping m) {
    return List.of(new OciSpec.IdMap(m.containerId(), m.hostId(), m.length()));
  }

  /** The kernel knows no user and no group outside of the mapping. */
  private void checkIdentity(UserMapping mapping) {
    checkMapped("user", identity.uid(), mapping.uids());
    checkMapped("group", identity.gid(), mapping.gids());
    identity.groups().forEach(g -> checkMapped("supplemental group", g, mapping.gids()));
  }

  private void checkMapped(String what, long id, IdMapping mapping) {
    if (!mapping.maps(id)) {
      throw new CriException.InvalidArgument(
          "container "
              + spec.title()
              + ": "
              + what
              + " "
              + id
              + " is not within the pod's user namespace, which has the ids 0 to "
              + (mapping.length() - 1)
              + "; run as one of these");
    }
  }

  /** Command and arguments as the kubelet documents them: a command drops the image's cmd too. */
  private List<String> args() {
    List<String> args = new ArrayList<>();
    if (spec.command().isEmpty()) {
      args.addAll(image.entrypoint());
      args.addAll(spec.args().isEmpty() ? image.cmd() : spec.args());
    } else {
      args.addAll(spec.command());
      args.addAll(spec.args());
    }
    if (args.isEmpty()) {
      throw new CriException.InvalidArgument(
          "container "
              + spec.title()
              + ": neither the request nor image "
              + spec.image()
              + " names a command to run; set command or args");
    }
    SpecBounds.checkProgram("container " + spec.title() + ": args", args);
    return args;
  }

  private List<String> environment() {
    Map<String, String> variables = new LinkedHashMap<>();
    put(variables, DEFAULT_PATH);
    if (!sandbox.hostnameText().isEmpty()) {
      variables.put("HOSTNAME", sandbox.hostnameText());
    }
    if (spec.terminal()) {
      variables.put("TERM", "xterm");
    }
    image.env().forEach(entry -> put(variables, entry));
    for (EnvironmentVariable variable : spec.env()) {
      variables.put(variable.key(), variable.value());
    }
    variables.putIfAbsent("HOME", identity.home());
    return variables.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
  }

  private static void put(Map<String, String> variables, String entry) {
    int equals = entry.indexOf('=');
    if (equals > 0) {
      variables.put(entry.substring(0, equals), entry.substring(equals + 1));
    }
  }

  private String workingDirectory() {
    String wanted =
        spec.workingDirectory().isEmpty() ? image.workingDir() : spec.workingDirectory();
    if (wanted.isEmpty()) {
      return "/";
    }
    if (!wanted.startsWith("/")) {
      throw new CriException.InvalidArgument(
          "container " + spec.title() + ": working directory \"" + wanted + "\" is not absolute");
    }
    return wanted;
  }

  /** CRI Capability: drop leaves every set; add is in all but ambient; ambient is in all five. */
  private OciSpec.Capabilities capabilities() {
    SecuritySpec security = spec.security();
    if (security.privileged()) {
      List<String> all = Capability.names(EnumSet.allOf(Capability.class));
      return new OciSpec.Capabilities(all, all, all, all, List.of());
    }
    Set<Capability> set = EnumSet.copyOf(Capability.DEFAULTS);
    boolean addAll = security.addCapabilities().stream().anyMatch("ALL"::equalsIgnoreCase);
    boolean dropAll = security.dropCapabilities().stream().anyMatch("ALL"::equalsIgnoreCase);
    if (addAll) {
      set.addAll(EnumSet.allOf(Capability.class));
    }
    if (dropAll) {
      set.clear();
    }
    security.addCapabilities().stream()
        .filter(name -> !name.equalsIgnoreCase("ALL"))
        .forEach(name -> set.add(Capability.parse(name)));
    security.dropCapabilities().stream()
        .filter(name -> !name.equalsIgnoreCase("ALL"))
        .forEach(name -> set.remove(Capability.parse(name)));
    Set<Capability> ambient = Capability.parseAll(security.ambientCapabilities());
    security.dropCapabilities().stream()
        .filter(name -> !name.equalsIgnoreCase("ALL"))
        .forEach(name -> ambient.remove(Capability.parse(name)));
    set.addAll(ambient);
    List<String> names = Capability.names(set);
    return new OciSpec.Capabilities(names, names, names, names, Capability.names(ambient));
  }

  private List<OciSpec.Namespace> namespaces() {
    List<OciSpec.Namespace> list = new ArrayList<>();
    list.add(new OciSpec.Namespace("mount", ""));
    if (sandbox.pidNamespace().isPresent()) {
      list.add(new OciSpec.Namespace("pid", sandbox.pidNamespace().get().toString()));
    } else if (!sandbox.hostPid()) {
      list.add(new OciSpec.Namespace("pid", ""));
    }
    sandbox.netNamespace().ifPresent(p -> list.add(new OciSpec.Namespace("network", p.toString())));
    sandbox.ipcNamespace().ifPresent(p -> list.add(new OciSpec.Namespace("ipc", p.toString())));
    sandbox.utsNamespace().ifPresent(p -> list.add(new OciSpec.Namespace("uts", p.toString())));
    sandbox.userNamespace().ifPresent(p -> list.add(new OciSpec.Namespace("user", p.toString())));
    list.add(new OciSpec.Namespace("cgroup", ""));
    return list;
  }
}
