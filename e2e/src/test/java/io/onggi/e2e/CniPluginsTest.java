package io.onggi.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.onggi.proto.PodSandboxConfig;
import io.onggi.proto.PodSandboxStatus;
import io.onggi.proto.PodSandboxStatusRequest;
import io.onggi.proto.PortMapping;
import io.onggi.proto.RemovePodSandboxRequest;
import io.onggi.proto.RuntimeCondition;
import io.onggi.proto.StatusRequest;
import io.onggi.proto.StopPodSandboxRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pods on the network of a conflist, made by Debian's own CNI plugins. */
class CniPluginsTest {
  private static final String BRIDGE = "cnitest0";

  private static final String CONFLIST =
      """
      {
        "cniVersion": "1.0.0",
        "name": "tested",
        "plugins": [
          {
            "type": "bridge",
            "bridge": "cnitest0",
            "isGateway": true,
            "ipam": {
              "type": "host-local",
              "dataDir": "LEASES",
              "ranges": [[{"subnet": "10.84.0.0/24"}]],
              "routes": [{"dst": "0.0.0.0/0"}]
            }
          },
          {"type": "portmap", "capabilities": {"portMappings": true}},
          {"type": "watched"}
        ]
      }
      """;

  /** Hands the result on; its DEL fails while a file says so. */
  private static final String WATCHED =
      """
      #!/bin/sh
      case $CNI_COMMAND in
        ADD) jq .prevResult ;;
        VERSION) echo '{"cniVersion": "1.0.0", "supportedVersions": ["0.4.0", "1.0.0"]}' ;;
        DEL) [ ! -e FOLDER/broken ] || { echo '{"code": 100, "msg": "broken on purpose"}'; exit 1; } ;;
      esac
      """;

  @TempDir Path folder;
  private Path leases;
  private Node node;

  @BeforeEach
  void start() throws IOException {
    leases = folder.resolve("leases");
    Path plugin = Files.createDirectory(folder.resolve("bin")).resolve("watched");
    Files.writeString(plugin, WATCHED.replace("FOLDER", folder.toString()));
    Files.setPosixFilePermissions(plugin, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createDirectory(folder.resolve("net.d"));
    node =
        Node.start(
            List.of(
                "--cni-conf-dir=" + folder.resolve("net.d"),
                "--cni-bin-dirs=" + folder.resolve("bin") + ":/usr/lib/cni"),
            false);
  }

  @AfterEach
  void end() {
    node.close();
    Programs.run(
        List.of(
            "sh",
            "-c",
            "ip link delete "
                + BRIDGE
                + "; for t in filter nat mangle; do iptables -t $t -F; iptables -t $t -X; done;"
                + " nft flush ruleset; true"));
  }

  private void configure(String conflist) throws IOException {
    Files.writeString(folder.resolve("net.d/10-tested.conflist"), conflist);
  }

  private String conflist() {
    return CONFLIST.replace("LEASES", leases.toString());
  }

  private RuntimeCondition networkReady() {
    return node
        .cri()
        .runtime()
        .status(StatusRequest.getDefaultInstance())
        .getStatus()
        .getConditionsList()
        .stream()
        .filter(c -> c.getType().equals("NetworkReady"))
        .findFirst()
        .orElseThrow();
  }

  private PodSandboxConfig pod(String name, int hostPort) {
    return node.podConfig(name).toBuilder()
        .addPortMappings(PortMapping.newBuilder().setContainerPort(80).setHostPort(hostPort))
        .build();
  }

  private PodSandboxStatus status(String pod) {
    return node.cri()
        .runtime()
        .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod).build())
        .getStatus();
  }

  private void stop(String pod) {
    node.cri()
        .runtime()
        .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
  }

  private void remove(String pod) {
    node.cri()
        .runtime()
        .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
  }

  private static String shell(String command) {
    return Programs.run(List.of("sh", "-c", command)).output();
  }

  private Path lease(String address) {
    return leases.resolve("tested").resolve(address);
  }

  private static void await(BooleanSupplier condition, String what) {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, what);
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }

  @Test
  void a_conflist_that_appears_is_the_network_of_the_next_pod_and_nothing_of_it_stays()
      throws IOException {
    configure(conflist());
    assertTrue(networkReady().getStatus(), networkReady().getMessage());
    String pod = node.runPod(pod("web", 18084));
    String address = status(pod).getNetwork().getIp();
    assertTrue(address.startsWith("10.84.0."), address);
    assertEquals(0, Programs.run(List.of("ping", "-c1", "-W2", address)).status());
    assertTrue(Files.readString(lease(address)).startsWith(pod), "host-local's own lease file");
    assertTrue(shell("nft list ruleset").contains("18084"), "portmap's rule");

    node = node.restart(true, () -> {});
    assertEquals(address, status(pod).getNetwork().getIp());
    assertEquals(0, Programs.run(List.of("ping", "-c1", "-W2", address)).status());

    remove(pod);
    assertFalse(Files.exists(lease(address)));
    assertEquals("", shell("ip -o link show master " + BRIDGE));
    assertFalse(shell("nft list ruleset").contains("18084"));
  }

  @Test
  void a_del_that_fails_holds_no_pod_and_the_lease_goes_when_the_plugin_works_again()
      throws IOException {
    configure(conflist());
    String pod = node.runPod(pod("web", 18085));
    String address = status(pod).getNetwork().getIp();
    Files.createFile(folder.resolve("broken"));
    stop(pod);
    remove(pod);
    assertTrue(node.log().contains("broken on purpose"), node.log());
    // The plugins before it in the list were asked all the same.
    assertFalse(Files.exists(lease(address)));
    node =
        node.restart(true, () -> Programs.run(List.of("rm", folder.resolve("broken").toString())));
    Path kept = node.folder().resolve("root/cni/" + pod + ".json");
    await(() -> !Files.exists(kept), "DEL was not tried again: " + node.log());
  }

  @Test
  void a_broken_conflist_is_told_by_file_and_line_and_no_pod_gets_another_network()
      throws IOException {
    configure(conflist().replace("\"name\": \"tested\"", "\"name\": 7"));
    RuntimeCondition ready = networkReady();
    assertFalse(ready.getStatus());
    assertEquals("NetworkConfigBroken", ready.getReason());
    String where = folder.resolve("net.d/10-tested.conflist") + ":3: name: is not a string";
    assertTrue(ready.getMessage().contains(where), ready.getMessage());
    StatusRuntimeException e =
        assertThrows(StatusRuntimeException.class, () -> node.runPod(node.podConfig("web")));
    assertEquals(Status.Code.FAILED_PRECONDITION, e.getStatus().getCode());
    assertTrue(String.valueOf(e.getMessage()).contains(where), e.getMessage());
    configure(conflist());
    assertTrue(networkReady().getStatus());
  }

  @Test
  void a_missing_plugin_is_named_and_the_failed_pod_leaves_nothing() throws IOException {
    configure(conflist().replace("watched", "absent"));
    assertTrue(networkReady().getMessage().contains("CNI plugin \"absent\" is in none of"));
    StatusRuntimeException e =
        assertThrows(StatusRuntimeException.class, () -> node.runPod(node.podConfig("web")));
    assertEquals(Status.Code.UNAVAILABLE, e.getStatus().getCode());
    assertEquals("", shell("ip -o link show master " + BRIDGE));
    assertFalse(Files.exists(lease("10.84.0.2")));
  }
}
