package io.onggi.rpc;

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

/** What the node tells about itself: Version, Status, RuntimeConfig. */
public final class NodeStatus {
  /** The version of the kubelet's runtime API, fixed in the CRI. */
  private static final String KUBELET_API = "0.1.0";

  private final String version;
  private final String configuration;
  private final PodNetwork network;
  private final CdiSpecs cdi;

  /**
   * @param version of this program, semantic
   * @param configuration effective configuration as JSON, for verbose status
   */
  public NodeStatus(String version, String configuration, PodNetwork network, CdiSpecs cdi) {
    this.version = version;
    this.configuration = configuration;
    this.network = network;
    this.cdi = cdi;
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
    RuntimeHandlerFeatures features =
        RuntimeHandlerFeatures.newBuilder().setRecursiveReadOnlyMounts(true).build();
    StatusResponse.Builder answer =
        StatusResponse.newBuilder()
            .setStatus(
                RuntimeStatus.newBuilder()
                    .addConditions(
                        RuntimeCondition.newBuilder().setType("RuntimeReady").setStatus(true))
                    .addConditions(networkCondition()))
            .setFeatures(RuntimeFeatures.newBuilder().setSupplementalGroupsPolicy(true));
    for (String handler : SandboxTranslation.HANDLERS) {
      answer.addRuntimeHandlers(RuntimeHandler.newBuilder().setName(handler).setFeatures(features));
    }
    if (verbose) {
      answer.putInfo("config", configuration);
      answer.putInfo("cdiProblems", RecordJson.pretty(cdi.problems()));
    }
    return answer.build();
  }

  private RuntimeCondition networkCondition() {
    RuntimeCondition.Builder condition = RuntimeCondition.newBuilder().setType("NetworkReady");
    return switch (network.state()) {
      case NetworkState.Ready ready ->
          condition.setStatus(true).setMessage(ready.limitation().orElse("")).build();
      case NetworkState.NotReady not ->
          condition.setStatus(false).setReason(not.reason()).setMessage(not.message()).build();
    };
  }

  RuntimeConfigResponse runtimeConfig() {
    return RuntimeConfigResponse.newBuilder()
        .setLinux(LinuxRuntimeConfiguration.newBuilder().setCgroupDriver(CgroupDriver.CGROUPFS))
        .build();
  }
}
