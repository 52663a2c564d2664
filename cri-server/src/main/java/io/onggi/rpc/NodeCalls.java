package io.onggi.rpc;

import io.onggi.error.CriException;
import io.onggi.network.IpPrefix;
import io.onggi.network.PodNetwork;
import io.onggi.proto.RuntimeConfigResponse;
import io.onggi.proto.StatusResponse;
import io.onggi.proto.UpdateRuntimeConfigRequest;
import io.onggi.proto.UpdateRuntimeConfigResponse;
import io.onggi.proto.VersionResponse;
import java.util.Arrays;
import java.util.List;

/** The RPCs about the node as a whole. */
final class NodeCalls {
  private final NodeStatus status;
  private final PodNetwork network;

  NodeCalls(NodeStatus status, PodNetwork network) {
    this.status = status;
    this.network = network;
  }

  VersionResponse version() {
    return status.version();
  }

  StatusResponse status(boolean verbose) {
    return status.status(verbose);
  }

  RuntimeConfigResponse runtimeConfig() {
    return status.runtimeConfig();
  }

  /** The ranges for pods' addresses; an empty request changes nothing. */
  UpdateRuntimeConfigResponse update(UpdateRuntimeConfigRequest request) {
    String cidrs = request.getRuntimeConfig().getNetworkConfig().getPodCidr();
    List<IpPrefix> ranges =
        Arrays.stream(cidrs.split(","))
            .filter(c -> !c.isBlank())
            .map(c -> prefix(c.strip()))
            .toList();
    if (!ranges.isEmpty()) {
      network.podCidr(ranges);
    }
    return UpdateRuntimeConfigResponse.getDefaultInstance();
  }

  private static IpPrefix prefix(String cidr) {
    try {
      return IpPrefix.parse(cidr);
    } catch (CriException.InvalidArgument e) {
      throw new CriException.InvalidArgument(
          "UpdateRuntimeConfig: pod_cidr \"" + cidr + "\": " + e.getMessage(), e);
    }
  }
}
