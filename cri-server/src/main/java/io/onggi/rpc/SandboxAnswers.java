package io.onggi.rpc;

import io.onggi.network.IpPrefix;
import io.onggi.proto.LinuxPodSandboxStatus;
import io.onggi.proto.Namespace;
import io.onggi.proto.NamespaceMode;
import io.onggi.proto.NamespaceOption;
import io.onggi.proto.PodIP;
import io.onggi.proto.PodSandbox;
import io.onggi.proto.PodSandboxFilter;
import io.onggi.proto.PodSandboxMetadata;
import io.onggi.proto.PodSandboxNetworkStatus;
import io.onggi.proto.PodSandboxState;
import io.onggi.proto.PodSandboxStatus;
import io.onggi.sandbox.NamespaceModes;
import io.onggi.sandbox.Sandbox;
import io.onggi.sandbox.SandboxName;
import java.util.List;

/** Sandboxes as CRI shows them. */
final class SandboxAnswers {
  private SandboxAnswers() {}

  static PodSandbox listed(Sandbox sandbox) {
    return PodSandbox.newBuilder()
        .setId(sandbox.id().value())
        .setMetadata(metadata(sandbox.spec().name()))
        .setState(state(sandbox))
        .setCreatedAt(Times.nanos(sandbox.createdAt()))
        .putAllLabels(sandbox.spec().labels())
        .putAllAnnotations(sandbox.spec().annotations())
        .setRuntimeHandler(sandbox.spec().runtimeHandler())
        .build();
  }

  static PodSandboxStatus status(Sandbox sandbox) {
    return PodSandboxStatus.newBuilder()
        .setId(sandbox.id().value())
        .setMetadata(metadata(sandbox.spec().name()))
        .setState(state(sandbox))
        .setCreatedAt(Times.nanos(sandbox.createdAt()))
        .setNetwork(network(sandbox))
        .setLinux(
            LinuxPodSandboxStatus.newBuilder()
                .setNamespaces(
                    Namespace.newBuilder().setOptions(options(sandbox.spec().namespaces()))))
        .putAllLabels(sandbox.spec().labels())
        .putAllAnnotations(sandbox.spec().annotations())
        .setRuntimeHandler(sandbox.spec().runtimeHandler())
        .build();
  }

  /** Whether CRI's filter lets it through: all that is given must match. */
  static boolean matches(Sandbox sandbox, PodSandboxFilter filter) {
    return sandbox.id().value().startsWith(filter.getId())
        && (!filter.hasState() || filter.getState().getState() == state(sandbox))
        && filter.getLabelSelectorMap().entrySet().stream()
            .allMatch(e -> e.getValue().equals(sandbox.spec().labels().get(e.getKey())));
  }

  private static PodSandboxMetadata metadata(SandboxName name) {
    return PodSandboxMetadata.newBuilder()
        .setName(name.name())
        .setUid(name.uid())
        .setNamespace(name.namespace())
        .setAttempt(name.attempt())
        .build();
  }

  private static PodSandboxState state(Sandbox sandbox) {
    return sandbox.ready() ? PodSandboxState.SANDBOX_READY : PodSandboxState.SANDBOX_NOTREADY;
  }

  /** Empty for a pod on the host's network, as the kubelet expects. */
  private static PodSandboxNetworkStatus network(Sandbox sandbox) {
    PodSandboxNetworkStatus.Builder network = PodSandboxNetworkStatus.newBuilder();
    sandbox
        .attachment()
        .filter(_ -> sandbox.ready())
        .ifPresent(
            a -> {
              List<IpPrefix> addresses = a.addresses();
              network.setIp(addresses.getFirst().address().getHostAddress());
              addresses.stream()
                  .skip(1)
                  .forEach(
                      ip ->
                          network.addAdditionalIps(
                              PodIP.newBuilder().setIp(ip.address().getHostAddress())));
            });
    return network.build();
  }

  private static NamespaceOption options(NamespaceModes modes) {
    return NamespaceOption.newBuilder()
        .setNetwork(mode(modes.network()))
        .setPid(mode(modes.pid()))
        .setIpc(mode(modes.ipc()))
        .setTargetId(modes.targetId())
        .setUsernsOptions(UserNamespaces.answer(modes.user()))
        .build();
  }

  private static NamespaceMode mode(io.onggi.sandbox.NamespaceMode mode) {
    return switch (mode) {
      case POD -> NamespaceMode.POD;
      case CONTAINER -> NamespaceMode.CONTAINER;
      case NODE -> NamespaceMode.NODE;
      case TARGET -> NamespaceMode.TARGET;
    };
  }
}
