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
import io.onggi.proto.PodSandboxStatusRequest;
import io.onggi.proto.UpdateContainerResourcesRequest;
import io.onggi.proto.UpdatePodSandboxResourcesRequest;
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
      // The first process ended by itself: the kill that the kernel counted was not its own.
      ContainerStatus survivor = pod.awaitExit(child);
      assertEquals(3, survivor.getExitCode());
      assertEquals("Error", survivor.getReason());
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

  @Test
  void c31_aMemoryLimitBelowWhatIsInUseIsRefusedAndNothingChanges() {
    try (Pod pod = Pod.run(node)) {
      String container =
          pod.start(
              "c",
              limited(
                  r ->
                      r.setCpuShares(256)
                          .setMemoryLimitInBytes(64 * MIB)
                          .setMemorySwapLimitInBytes(64 * MIB)),
              "hog",
              "40");
      Await.until(
          () -> "the hog does not hold its memory",
          () -> pod.log(container).contains("holding 40 MiB"));
      Fails.with(
          Status.Code.FAILED_PRECONDITION,
          "a memory limit of " + 20 * MIB + " bytes is below the",
          () ->
              update(
                  container,
                  r ->
                      r.setCpuShares(512)
                          .setMemoryLimitInBytes(20 * MIB)
                          .setMemorySwapLimitInBytes(20 * MIB)));
      assertMemory(container, 64 * MIB);
      assertCpu(container, 256, -1, 100_000);
      assertEquals(ContainerState.CONTAINER_RUNNING, pod.status(container).getState());
      update(container, r -> r.setMemoryLimitInBytes(48 * MIB));
      assertMemory(container, 48 * MIB);
      assertEquals(
          48 * MIB, pod.status(container).getResources().getLinux().getMemorySwapLimitInBytes());
    }
  }

  @Test
  void c31_whatNoCgroupOfTheNodeCouldHoldIsRefusedWhenItIsAskedFor() {
    try (Pod pod = Pod.run(node)) {
      Fails.invalid(
          "../memory.max", () -> pod.create("a", limited(r -> r.putUnified("../memory.max", "1"))));
      Fails.invalid("4000", () -> pod.create("b", limited(r -> r.setCpusetCpus("4000-5000"))));
      Fails.invalid(
          "needs a memory limit",
          () -> pod.create("c", limited(r -> r.setMemorySwapLimitInBytes(MIB))));
      if (!Cgroup.unified()) {
        Fails.invalid(
            "memory.high", () -> pod.create("d", limited(r -> r.putUnified("memory.high", "1"))));
      }
    }
  }

  @Test
  void c52_aPodsResourcesFollowTheKubeletsOrderOfAResize() {
    String parent = "/" + node.folder().getFileName() + "/kubepods/pod1";
    try (Pod pod = Pod.run(node, c -> c.getLinuxBuilder().setCgroupParent(parent))) {
      String container = pod.start("c", limited(r -> r.setMemoryLimitInBytes(32 * MIB)));
      updatePod(pod.id(), r -> r.setMemoryLimitInBytes(96 * MIB).setCpuShares(512));
      update(container, r -> r.setMemoryLimitInBytes(64 * MIB));
      String shown =
          node.cri()
              .runtime()
              .podSandboxStatus(
                  PodSandboxStatusRequest.newBuilder()
                      .setPodSandboxId(pod.id())
                      .setVerbose(true)
                      .build())
              .getInfoOrThrow("info");
      assertEquals(96 * MIB, Json.numberAt(shown, "config", "pod", "containers", "memoryBytes"));
      assertEquals(
          64 * MIB, pod.status(container).getResources().getLinux().getMemoryLimitInBytes());
      Fails.notFound("nobody", () -> updatePod("nobody", r -> r.setCpuShares(2)));
    }
  }

  @Test
  void c52_aPodWithoutAParentHasItsResourcesInACgroupOfItsOwn() {
    String id;
    try (Pod pod =
        Pod.run(
            node,
            c -> {
              c.getLinuxBuilder().getResourcesBuilder().setMemoryLimitInBytes(96 * MIB);
              c.getLinuxBuilder().getOverheadBuilder().setMemoryLimitInBytes(4 * MIB);
            })) {
      id = "pod" + pod.id();
      String container = pod.start("c");
      assertMemory(id, 100 * MIB);
      assertEquals(
          Integer.toString(pod.pid(container)),
          Cgroup.value(Cgroup.of(node, "memory", id + "/" + container).resolve("cgroup.procs")));
      updatePod(pod.id(), r -> r.setMemoryLimitInBytes(60 * MIB));
      assertMemory(id, 64 * MIB);
    }
    assertTrue(java.nio.file.Files.notExists(Cgroup.of(node, "memory", id)), id);
  }

  @Test
  void limits_aParentOfTheOtherDriversFormIsRefusedWithBothForms() {
    Fails.invalid(
        "wants a path such as /kubepods/burstable/podUID",
        () ->
            Pod.run(
                node, c -> c.getLinuxBuilder().setCgroupParent("kubepods-burstable-pod1.slice")));
  }

  private void updatePod(String pod, Consumer<LinuxContainerResources.Builder> change) {
    UpdatePodSandboxResourcesRequest.Builder request =
        UpdatePodSandboxResourcesRequest.newBuilder().setPodSandboxId(pod);
    change.accept(request.getResourcesBuilder());
    node.cri().runtime().updatePodSandboxResources(request.build());
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
