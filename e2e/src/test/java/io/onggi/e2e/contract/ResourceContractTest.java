package io.onggi.e2e.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.onggi.e2e.Node;
import io.onggi.proto.ContainerConfig;
import io.onggi.proto.ContainerState;
import io.onggi.proto.ContainerStatus;
import io.onggi.proto.LinuxContainerResources;
import io.onggi.proto.UpdateContainerResourcesRequest;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Limits as the kernel holds them, out of memory, UpdateContainerResources. */
@ExtendWith(SharedNode.class)
class ResourceContractTest {
  private static final long MIB = 1 << 20;

  private final Node node;

  ResourceContractTest(Node node) {
    this.node = node;
  }

  private static Consumer<ContainerConfig.Builder> limited(
      Consumer<LinuxContainerResources.Builder> change) {
    return c -> change.accept(c.getLinuxBuilder().getResourcesBuilder());
  }

  @Test
  void c23_outOfMemoryIsOOMKilledWith137AndTheNeighbourLives() {
    try (Pod pod = Pod.run(node)) {
      String neighbour = pod.start("neighbour");
      String hog =
          pod.start(
              "hog",
              limited(r -> r.setMemoryLimitInBytes(20 * MIB).setMemorySwapLimitInBytes(20 * MIB)),
              "hog",
              "60");
      ContainerStatus ended = pod.awaitExit(hog);
      assertEquals("OOMKilled", ended.getReason());
      assertEquals(137, ended.getExitCode());
      assertEquals("alive", pod.sh(neighbour, "echo alive"));
      String child =
          pod.start(
              "child",
              limited(r -> r.setMemoryLimitInBytes(20 * MIB).setMemorySwapLimitInBytes(20 * MIB)),
              "sh",
              "-c",
              "hog 60; exit 3");
      // The first process ended by itself, but for the kill that the kernel counted (kubelet, CRI).
      assertEquals(3, pod.awaitExit(child).getExitCode());
    }
  }

  @Test
  void limits_areInTheContainersCgroupAndReportedAsGiven() {
    try (Pod pod = Pod.run(node)) {
      LinuxContainerResources asked =
          LinuxContainerResources.newBuilder()
              .setCpuShares(333)
              .setCpuQuota(40_000)
              .setCpuPeriod(100_000)
              .setMemoryLimitInBytes(64 * MIB)
              .setMemorySwapLimitInBytes(64 * MIB)
              .setCpusetCpus("0")
              .setOomScoreAdj(321)
              .build();
      String container = pod.start("c", limited(r -> r.mergeFrom(asked)));
      assertCpu(container, 333, 40_000, 100_000);
      assertMemory(container, 64 * MIB);
      assertEquals("0", Cgroup.value(Cgroup.of(node, "cpuset", container).resolve("cpuset.cpus")));
      assertEquals("321", pod.sh(container, "cat /proc/1/oom_score_adj"));
      assertEquals(
          "Cpus_allowed_list:\t0", pod.sh(container, "grep Cpus_allowed_list /proc/1/status"));
      LinuxContainerResources shown = pod.status(container).getResources().getLinux();
      assertEquals(asked, shown);
    }
  }

  @Test
  void limits_areSeenByTheContainerInItsOwnCgroupTreeOnly() {
    try (Pod pod = Pod.run(node)) {
      String container = pod.start("c", limited(r -> r.setMemoryLimitInBytes(64 * MIB)));
      String file =
          Cgroup.unified()
              ? "/sys/fs/cgroup/memory.max"
              : "/sys/fs/cgroup/memory/memory.limit_in_bytes";
      assertEquals(Long.toString(64 * MIB), pod.sh(container, "cat " + file));
      assertTrue(
          pod.sh(container, "cut -d: -f3 /proc/1/cgroup | sort -u")
              .lines()
              .allMatch(l -> l.equals("/")),
          () -> pod.sh(container, "cat /proc/1/cgroup"));
      pod.shFails(container, "echo 1 >" + file);
    }
  }

  @Test
  void limits_theCgroupParentIsThePodsOwn() {
    String parent = "/" + node.folder().getFileName() + "/kubepods/burstable";
    try (Pod pod = Pod.run(node, c -> c.getLinuxBuilder().setCgroupParent(parent))) {
      String container = pod.start("c");
      Path expected = Cgroup.of(node, "memory", "kubepods/burstable/" + container);
      assertEquals(
          Integer.toString(pod.pid(container)), Cgroup.value(expected.resolve("cgroup.procs")));
    }
  }

  @Test
  void c31_updateChangesTheCgroupAndTheStatusAndKeepsWhatIsNotSaid() {
    try (Pod pod = Pod.run(node)) {
      String container =
          pod.start(
              "c",
              limited(
                  r ->
                      r.setCpuShares(256)
                          .setCpuQuota(40_000)
                          .setCpuPeriod(100_000)
                          .setMemoryLimitInBytes(64 * MIB)
                          .setMemorySwapLimitInBytes(64 * MIB)));
      update(container, r -> r.setCpuQuota(70_000).setCpuShares(512));
      assertCpu(container, 512, 70_000, 100_000);
      assertMemory(container, 64 * MIB);
      update(container, r -> r.setMemoryLimitInBytes(96 * MIB).setMemorySwapLimitInBytes(96 * MIB));
      assertMemory(container, 96 * MIB);
      update(container, r -> r.setMemoryLimitInBytes(48 * MIB).setMemorySwapLimitInBytes(48 * MIB));
      assertMemory(container, 48 * MIB);
      LinuxContainerResources shown = pod.status(container).getResources().getLinux();
      assertEquals(512, shown.getCpuShares());
      assertEquals(70_000, shown.getCpuQuota());
      assertEquals(48 * MIB, shown.getMemoryLimitInBytes());
      update(container, r -> r.setCpuQuota(-1));
      assertCpu(container, 512, -1, 100_000);
    }
  }

  @Test
  void c31_anUpdateThatFailsChangesNothing() {
    try (Pod pod = Pod.run(node)) {
      String container =
          pod.start(
              "c",
              limited(
                  r ->
                      r.setCpuShares(256)
                          .setMemoryLimitInBytes(64 * MIB)
                          .setMemorySwapLimitInBytes(64 * MIB)));
      LinuxContainerResources before = pod.status(container).getResources().getLinux();
      StatusRuntimeException failed =
          assertThrows(
              StatusRuntimeException.class,
              () ->
                  update(
                      container,
                      r ->
                          r.setCpuShares(512)
                              .setMemoryLimitInBytes(80 * MIB)
                              .setMemorySwapLimitInBytes(80 * MIB)
                              .setCpusetCpus("4000-5000")));
      assertTrue(String.valueOf(failed.getMessage()).contains("cpuset"), failed.getMessage());
      assertEquals(before, pod.status(container).getResources().getLinux());
      assertMemory(container, 64 * MIB);
      assertCpu(container, 256, -1, 100_000);
    }
  }

  @Test
  void c31_updateNeedsAContainerThatHasNotEnded() {
    try (Pod pod = Pod.run(node)) {
      Fails.notFound("no-such", () -> update("no-such", r -> r.setCpuShares(2)));
      String ended = pod.start("ended", "true");
      pod.awaitExit(ended);
      Fails.with(
          Status.Code.FAILED_PRECONDITION, ended, () -> update(ended, r -> r.setCpuShares(2)));
      String created = pod.create("created");
      update(created, r -> r.setCpuShares(77));
      assertEquals(77, pod.status(created).getResources().getLinux().getCpuShares());
      pod.begin(created);
      assertEquals(ContainerState.CONTAINER_RUNNING, pod.status(created).getState());
      assertCpu(created, 77, -1, 100_000);
    }
  }

  private void update(String container, Consumer<LinuxContainerResources.Builder> change) {
    UpdateContainerResourcesRequest.Builder request =
        UpdateContainerResourcesRequest.newBuilder().setContainerId(container);
    change.accept(request.getLinuxBuilder());
    node.cri().runtime().updateContainerResources(request.build());
  }

  private void assertCpu(String container, long shares, long quota, long period) {
    Path cpu = Cgroup.of(node, "cpu", container);
    if (Cgroup.unified()) {
      assertEquals(
          (quota < 0 ? "max" : Long.toString(quota)) + " " + period,
          Cgroup.value(cpu.resolve("cpu.max")));
      return; // the weight's formula is the cgroup package's own test
    }
    assertEquals(Long.toString(shares), Cgroup.value(cpu.resolve("cpu.shares")));
    assertEquals(Long.toString(quota), Cgroup.value(cpu.resolve("cpu.cfs_quota_us")));
    assertEquals(Long.toString(period), Cgroup.value(cpu.resolve("cpu.cfs_period_us")));
  }

  private void assertMemory(String container, long bytes) {
    String file = Cgroup.unified() ? "memory.max" : "memory.limit_in_bytes";
    assertEquals(
        Long.toString(bytes), Cgroup.value(Cgroup.of(node, "memory", container).resolve(file)));
  }
}
