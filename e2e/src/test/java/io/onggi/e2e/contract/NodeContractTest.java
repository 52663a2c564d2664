package io.onggi.e2e.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.e2e.Node;
import io.onggi.proto.CgroupDriver;
import io.onggi.proto.RuntimeConfigRequest;
import io.onggi.proto.RuntimeHandler;
import io.onggi.proto.StatusRequest;
import io.onggi.proto.StatusResponse;
import io.onggi.proto.VersionRequest;
import io.onggi.proto.VersionResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Version, Status and RuntimeConfig. */
@ExtendWith(SharedNode.class)
class NodeContractTest {
  private static final String SEMANTIC = "[0-9]+\\.[0-9]+\\.[0-9]+(-[0-9A-Za-z.-]+)?";

  private final Node node;

  NodeContractTest(Node node) {
    this.node = node;
  }

  @Test
  void c54_versionsAreSemantic() {
    VersionResponse version = node.cri().runtime().version(VersionRequest.getDefaultInstance());
    assertEquals("onggi", version.getRuntimeName());
    assertEquals("v1", version.getRuntimeApiVersion());
    assertTrue(version.getVersion().matches(SEMANTIC), version.getVersion());
    assertTrue(version.getRuntimeVersion().matches(SEMANTIC), version.getRuntimeVersion());
  }

  @Test
  void c51_theCgroupDriverIsSaidAndStaysTheSame() {
    for (int i = 0; i < 3; i++) {
      assertEquals(
          CgroupDriver.CGROUPFS,
          node.cri()
              .runtime()
              .runtimeConfig(RuntimeConfigRequest.getDefaultInstance())
              .getLinux()
              .getCgroupDriver());
    }
  }

  @Test
  void c55_handlersHaveUniqueNamesOneIsTheDefaultAndFeaturesAreThoseThatWork() {
    List<RuntimeHandler> handlers = status(false).getRuntimeHandlersList();
    Set<String> names = handlers.stream().map(RuntimeHandler::getName).collect(Collectors.toSet());
    assertEquals(handlers.size(), names.size());
    assertTrue(names.contains(""), names.toString());
    for (RuntimeHandler handler : handlers) {
      assertTrue(handler.getFeatures().getRecursiveReadOnlyMounts());
      assertTrue(handler.getFeatures().getUserNamespaces());
    }
    assertTrue(status(false).getFeatures().getSupplementalGroupsPolicy());
  }

  @Test
  void c46_statusHasInfoOnlyWhenVerboseAndItIsJson() {
    assertEquals(0, status(false).getInfoCount());
    StatusResponse verbose = status(true);
    assertFalse(verbose.getInfoMap().isEmpty());
    verbose.getInfoMap().values().forEach(v -> assertTrue(Json.isObject(v), v));
  }

  @Test
  void status_verboseTellsWhatTheNodeCan() throws IOException {
    String node = status(true).getInfoOrThrow("node");
    String kernel = Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip();
    assertTrue(node.contains("\"kernel\": \"" + kernel + "\""), node);
    int version = Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers")) ? 2 : 1;
    assertEquals(version, Json.number(node, "cgroupVersion"), node);
    assertTrue(status(true).getInfoOrThrow("config").contains("storage"), "the configuration");
  }

  @Test
  void status_runtimeAndNetworkAreReady() {
    Set<String> ready =
        status(false).getStatus().getConditionsList().stream()
            .filter(c -> c.getStatus())
            .map(c -> c.getType())
            .collect(Collectors.toSet());
    assertEquals(Set.of("RuntimeReady", "NetworkReady"), ready);
  }

  private StatusResponse status(boolean verbose) {
    return node.cri().runtime().status(StatusRequest.newBuilder().setVerbose(verbose).build());
  }
}
