package io.onggi.rpc;

import io.onggi.cgroup.Limits;
import io.onggi.error.CriException;
import io.onggi.network.PortMapping;
import io.onggi.network.Protocol;
import io.onggi.proto.DNSConfig;
import io.onggi.proto.LinuxPodSandboxConfig;
import io.onggi.proto.LinuxSandboxSecurityContext;
import io.onggi.proto.NamespaceOption;
import io.onggi.proto.PodSandboxConfig;
import io.onggi.proto.PodSandboxMetadata;
import io.onggi.proto.RunPodSandboxRequest;
import io.onggi.sandbox.NamespaceMode;
import io.onggi.sandbox.NamespaceModes;
import io.onggi.sandbox.PodResources;
import io.onggi.sandbox.SandboxName;
import io.onggi.sandbox.SandboxSpec;
import io.onggi.sandbox.UserMapping;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** RunPodSandbox's request as a {@link SandboxSpec}; what cannot be done is refused here. */
final class SandboxTranslation {
  /** Names of the built-in handler: the default and its own. */
  static final List<String> HANDLERS = List.of("", "onggi");

  private SandboxTranslation() {}

  static SandboxSpec spec(RunPodSandboxRequest request) {
    if (!request.hasConfig()) {
      throw new CriException.InvalidArgument("RunPodSandbox: config is missing");
    }
    PodSandboxConfig config = request.getConfig();
    if (!config.hasMetadata()) {
      throw new CriException.InvalidArgument("RunPodSandbox: config.metadata is missing");
    }
    SandboxName name = name(config.getMetadata());
    if (!HANDLERS.contains(request.getRuntimeHandler())) {
      throw new CriException.InvalidArgument(
          "pod "
              + name
              + ": runtime handler \""
              + request.getRuntimeHandler()
              + "\" is unknown; this node has \"onggi\" and the default \"\"");
    }
    LinuxPodSandboxConfig linux = config.getLinux();
    LinuxSandboxSecurityContext security = linux.getSecurityContext();
    if (security.hasRunAsGroup() && !security.hasRunAsUser()) {
      throw new CriException.InvalidArgument(
          "pod " + name + ": run_as_group is set without run_as_user; set both or neither");
    }
    Profiles.check(name.toString(), security.getSeccomp(), security.getApparmor());
    Profiles.checkSelinux(name.toString(), security.getSelinuxOptions());
    Profiles.seccomp(name.toString(), security);
    return new SandboxSpec(
        name,
        config.getHostname(),
        config.getLogDirectory(),
        dns(config.getDnsConfig()),
        ports(config),
        config.getLabelsMap(),
        config.getAnnotationsMap(),
        linux.getCgroupParent(),
        linux.getSysctlsMap(),
        namespaces("pod " + name, security.getNamespaceOptions()),
        security.getPrivileged(),
        request.getRuntimeHandler(),
        resources(linux));
  }

  private static Optional<PodResources> resources(LinuxPodSandboxConfig linux) {
    if (!linux.hasOverhead() && !linux.hasResources()) {
      return Optional.empty();
    }
    Limits overhead = ContainerTranslation.limits(linux.getOverhead()).requireWhole();
    Limits containers = ContainerTranslation.limits(linux.getResources()).requireWhole();
    boolean own = linux.getCgroupParent().isEmpty() && !containers.equals(Limits.NONE);
    return Optional.of(new PodResources(overhead, containers, own));
  }

  private static SandboxName name(PodSandboxMetadata metadata) {
    return new SandboxName(
        metadata.getName(), metadata.getUid(), metadata.getNamespace(), metadata.getAttempt());
  }

  private static SandboxSpec.Dns dns(DNSConfig dns) {
    return new SandboxSpec.Dns(dns.getServersList(), dns.getSearchesList(), dns.getOptionsList());
  }

  private static List<PortMapping> ports(PodSandboxConfig config) {
    return config.getPortMappingsList().stream()
        .filter(p -> p.getContainerPort() != 0)
        .map(
            p ->
                new PortMapping(
                    switch (p.getProtocol()) {
                      case TCP -> Protocol.TCP;
                      case UDP -> Protocol.UDP;
                      case SCTP -> Protocol.SCTP;
                      case UNRECOGNIZED ->
                          throw new CriException.InvalidArgument(
                              "port mapping: protocol " + p.getProtocolValue() + " is unknown");
                    },
                    p.getContainerPort(),
                    p.getHostPort(),
                    hostIp(p.getHostIp())))
        .toList();
  }

  private static Optional<InetAddress> hostIp(String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.ofLiteral(text));
    } catch (IllegalArgumentException e) {
      throw new CriException.InvalidArgument(
          "port mapping: host_ip \"" + text + "\" is no address", e);
    }
  }

  private static NamespaceModes namespaces(String title, NamespaceOption options) {
    return namespaces(title, options, UserNamespaces.ofSandbox(title, options));
  }

  /** Absent options mean what proto3's zero means: everything shared by the pod. */
  static NamespaceModes namespaces(
      String title, NamespaceOption options, Optional<UserMapping> user) {
    NamespaceMode network = mode(title, "network", options.getNetwork());
    NamespaceMode pid = mode(title, "pid", options.getPid());
    NamespaceMode ipc = mode(title, "ipc", options.getIpc());
    try {
      return new NamespaceModes(network, pid, ipc, options.getTargetId(), user);
    } catch (CriException.InvalidArgument e) {
      throw new CriException.InvalidArgument(title + ": " + e.getMessage(), e);
    }
  }

  private static NamespaceMode mode(String title, String field, io.onggi.proto.NamespaceMode mode) {
    return switch (mode) {
      case POD -> NamespaceMode.POD;
      case CONTAINER -> NamespaceMode.CONTAINER;
      case NODE -> NamespaceMode.NODE;
      case TARGET -> NamespaceMode.TARGET;
      case UNRECOGNIZED ->
          throw new CriException.InvalidArgument(
              title + ": namespace_options." + field + " is no namespace mode that CRI knows");
    };
  }
}
