package io.onggi.e2e.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.e2e.Node;
import io.onggi.proto.NetworkConfig;
import io.onggi.proto.RuntimeConfig;
import io.onggi.proto.UpdateRuntimeConfigRequest;
import java.util.List;
import org.junit.jupiter.api.Test;

/** UpdateRuntimeConfig: the kubelet says which addresses the pods of this node have. */
class RuntimeConfigContractTest {
  @Test
  void runtimeConfig_thePodCidrTakesEffectForPodsToComeAndABadOneIsRefused() {
    try (Node node = Node.start(List.of("--pod-cidr=10.86.0.0/24"), true);
        Pod before = Pod.run(node)) {
      String first = before.status().getNetwork().getIp();
      assertTrue(first.startsWith("10.86.0."), first);
      update(node, "10.87.5.0/24");
      try (Pod after = Pod.run(node)) {
        String second = after.status().getNetwork().getIp();
        assertTrue(second.startsWith("10.87.5."), second);
        assertEquals(first, before.status().getNetwork().getIp(), "a pod keeps what it has");
        String container = after.start("c");
        assertTrue(
            after.sh(container, "ip -4 addr show eth0").contains(second), "inside it is the same");
      }
      update(node, ""); // as a kubelet says it that has no range yet
      Fails.invalid("10.88.0.0/99", () -> update(node, "10.88.0.0/99"));
      Fails.invalid("pod_cidr", () -> update(node, "ten"));
      try (Pod after = Pod.run(node)) {
        String third = after.status().getNetwork().getIp();
        assertTrue(third.startsWith("10.87.5."), third);
      }
    }
  }

  private static void update(Node node, String podCidr) {
    node.cri()
        .runtime()
        .updateRuntimeConfig(
            UpdateRuntimeConfigRequest.newBuilder()
                .setRuntimeConfig(
                    RuntimeConfig.newBuilder()
                        .setNetworkConfig(NetworkConfig.newBuilder().setPodCidr(podCidr)))
                .build());
  }
}
