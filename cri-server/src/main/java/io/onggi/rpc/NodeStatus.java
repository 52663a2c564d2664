package io.onggi.rpc;

import io.onggi.cgroup.Cgroups;
import io.onggi.container.cdi.CdiSpecs;
import io.onggi.network.NetworkState;
import io.onggi.network.PodNetwork;
import io.onggi.proto.CgroupDriver;
import io.onggi.proto.LinuxRuntimeConfiguration;
import io.onggi.proto.RuntimeCondition;
import io.onggi.proto.RuntimeConfigResponse;
import io.onggi.proto.RuntimeFeatures;
import io.onggi.proto.RuntimeHandler;
import io.onggi.proto.RuntimeHandlerFeatures;
import io.onggi.proto.RuntimeStatus;
import io.onggi.proto.StatusResponse;
import io.onggi.proto.VersionResponse;
import io.onggi.store.RecordJson;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** What the node tells about itself: Version, Status, RuntimeConfig. */
public final class NodeStatus {
  /** The version of the kubelet's runtime API, fixed in the CRI. */
  private static final String KUBELET_API = "0.1.0";

  private final String version;
  private final String configuration;
  private final Node node;

  /**
   * What of the daemon can be asked how it is.
   *
   * @param userNamespaces why pods cannot have one; empty: they can
   */
  public record Node(
      PodNetwork network,
      Cgroups cgroups,
      CdiSpecs cdi,
      Supplier<Optional<String>> userNamespaces) {}

  /** What the verbose status says of user namespaces; a value of its map is a JSON object. */
  private record UserNamespaceFacts(boolean work, String why) {}

  /** What is wrong with the node's CDI spec files. */
  private record CdiFacts(List<String> problems) {}

  /**
   * @param version of this program, semantic
   * @param configuration effective configuration as JSON, for verbose status
   */
  public NodeStatus(String version, String configuration, Node node) {
    this.version = version;
    this.configuration = configuration;
    this.node = node;
  }

  VersionResponse version() {
    return VersionResponse.newBuilder()
        .setVersion(KUBELET_API)
        .setRuntimeName("onggi")
        .setRuntimeVersion(version)
        .setRuntimeApiVersion("v1")
        .build();
  }

  StatusResponse status(boolean verbose) {
    Optional<String> noUsers = node.userNamespaces().get();
    RuntimeHandlerFeatures features =
        RuntimeHandlerFeatures.newBuilder()
            .setRecursiveReadOnlyMounts(true)
            .setUserNamespaces(noUsers.isEmpty())
            .build();
    StatusResponse.Builder answer =
        StatusResponse.newBuilder()
            .setStatus(
                RuntimeStatus.newBuilder()
                    .addConditions(
                        RuntimeCondition.newBuilder().setType("RuntimeReady").setStatus(true))
                    .addConditions(networkCondition()))
            .setFeatures(
                RuntimeFeatures.newBuilder()
                    .setSupplementalGroupsPolicy(true)
                    .setMountOptions(true)
                    .setUserNamespacesHostNetwork(noUsers.isEmpty()));
    for (String handler : SandboxTranslation.HANDLERS) {
      answer.addRuntimeHandlers(RuntimeHandler.newBuilder().setName(handler).setFeatures(features));
    }
    if (verbose) {
      answer.putInfo("config", configuration);
      UserNamespaceFacts users =
          new UserNamespaceFacts(noUsers.isEmpty(), noUsers.orElse("they work"));
      answer.putInfo("userNamespaces", RecordJson.pretty(users));
      answer.putInfo("cdi", RecordJson.pretty(new CdiFacts(node.cdi().problems())));
      answer.putInfo("node", RecordJson.pretty(NodeFacts.of(version, node.cgroups())));
    }
    return answer.build();
  }

  private RuntimeCondition networkCondition() {
    RuntimeCondition.Builder condition = RuntimeCondition.newBuilder().setType("NetworkReady");
    return switch (node.network().state()) {
      case NetworkState.Ready ready ->
          condition.setStatus(true).setMessage(ready.limitation().orElse("")).build();
      case NetworkState.NotReady not ->
          condition.setStatus(false).setReason(not.reason()).setMessage(not.message()).build();
    };
  }

  private CgroupDriver cgroupDriver() {
    return switch (node.cgroups().driver()) {
      case CGROUPFS -> CgroupDriver.CGROUPFS;
      case SYSTEMD -> CgroupDriver.SYSTEMD;
    };
  }

  RuntimeConfigResponse runtimeConfig() {
    return RuntimeConfigResponse.newBuilder()
        .setLinux(LinuxRuntimeConfiguration.newBuilder().setCgroupDriver(cgroupDriver()))
        .build();
  }
}
