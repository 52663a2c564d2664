package io.onggi.daemon.cli;

import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.onggi.proto.ContainerConfig;
import io.onggi.proto.ContainerMetadata;
import io.onggi.proto.ContainerStatusRequest;
import io.onggi.proto.CreateContainerRequest;
import io.onggi.proto.ExecSyncRequest;
import io.onggi.proto.ExecSyncResponse;
import io.onggi.proto.ImageServiceGrpc;
import io.onggi.proto.ImageServiceGrpc.ImageServiceBlockingStub;
import io.onggi.proto.ImageSpec;
import io.onggi.proto.ImageStatusRequest;
import io.onggi.proto.LinuxContainerConfig;
import io.onggi.proto.LinuxContainerResources;
import io.onggi.proto.LinuxPodSandboxConfig;
import io.onggi.proto.LinuxSandboxSecurityContext;
import io.onggi.proto.ListContainerStatsRequest;
import io.onggi.proto.ListContainersRequest;
import io.onggi.proto.ListPodSandboxRequest;
import io.onggi.proto.NamespaceMode;
import io.onggi.proto.NamespaceOption;
import io.onggi.proto.PodSandboxConfig;
import io.onggi.proto.PodSandboxMetadata;
import io.onggi.proto.PodSandboxStatusRequest;
import io.onggi.proto.PullImageRequest;
import io.onggi.proto.RemovePodSandboxRequest;
import io.onggi.proto.RunPodSandboxRequest;
import io.onggi.proto.RuntimeServiceGrpc;
import io.onggi.proto.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import io.onggi.proto.StartContainerRequest;
import io.onggi.proto.StatusRequest;
import io.onggi.proto.StopContainerRequest;
import io.onggi.proto.StopPodSandboxRequest;
import java.io.PrintStream;
import java.util.List;
import java.util.function.Supplier;

/**
 * One pod through its whole life on this node, each call timed: {@code onggi selftest IMAGE COMMAND
 * EXEC}. The build trains the daemon's AOT cache with it.
 */
final class SelfTest {
  private static final String NAME = "onggi-selftest";

  private final RuntimeServiceBlockingStub runtime;
  private final ImageServiceBlockingStub images;
  private final PrintStream out;

  SelfTest(Channel channel, PrintStream out) {
    this.runtime = RuntimeServiceGrpc.newBlockingStub(channel);
    this.images = ImageServiceGrpc.newBlockingStub(channel);
    this.out = out;
  }

  /**
   * @param image is pulled when the node does not have it
   * @param command keeps the container running, words separated by blanks
   * @param exec ends with status 0 in it
   */
  int run(String image, String command, String exec) {
    ensureImage(image);
    timed("Status", () -> runtime.status(StatusRequest.getDefaultInstance()));
    PodSandboxConfig pod = pod();
    String sandbox =
        timed(
                "RunPodSandbox",
                () ->
                    runtime.runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(pod).build()))
            .getPodSandboxId();
    try {
      return container(pod, sandbox, image, command, exec);
    } finally {
      timed(
          "StopPodSandbox",
          () ->
              runtime.stopPodSandbox(
                  StopPodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build()));
      timed(
          "RemovePodSandbox",
          () ->
              runtime.removePodSandbox(
                  RemovePodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build()));
    }
  }

  private int container(
      PodSandboxConfig pod, String sandbox, String image, String command, String exec) {
    String id =
        timed(
                "CreateContainer",
                () ->
                    runtime.createContainer(
                        CreateContainerRequest.newBuilder()
                            .setPodSandboxId(sandbox)
                            .setConfig(config(image, command))
                            .setSandboxConfig(pod)
                            .build()))
            .getContainerId();
    timed(
        "StartContainer",
        () ->
            runtime.startContainer(StartContainerRequest.newBuilder().setContainerId(id).build()));
    ExecSyncResponse answer =
        timed(
            "ExecSync",
            () ->
                runtime.execSync(
                    ExecSyncRequest.newBuilder()
                        .setContainerId(id)
                        .addAllCmd(List.of(exec.split(" ")))
                        .setTimeout(10)
                        .build()));
    questions(sandbox, id);
    timed(
        "StopContainer",
        () -> runtime.stopContainer(StopContainerRequest.newBuilder().setContainerId(id).build()));
    out.println("selftest: exec left with status " + answer.getExitCode());
    return answer.getExitCode() == 0 ? 0 : 1;
  }

  private void questions(String sandbox, String container) {
    timed(
        "ListPodSandbox", () -> runtime.listPodSandbox(ListPodSandboxRequest.newBuilder().build()));
    timed(
        "ListContainers", () -> runtime.listContainers(ListContainersRequest.newBuilder().build()));
    timed(
        "ListContainerStats",
        () -> runtime.listContainerStats(ListContainerStatsRequest.newBuilder().build()));
    timed(
        "PodSandboxStatus",
        () ->
            runtime.podSandboxStatus(
                PodSandboxStatusRequest.newBuilder().setPodSandboxId(sandbox).build()));
    timed(
        "ContainerStatus",
        () ->
            runtime.containerStatus(
                ContainerStatusRequest.newBuilder()
                    .setContainerId(container)
                    .setVerbose(true)
                    .build()));
  }

  private void ensureImage(String image) {
    ImageSpec spec = ImageSpec.newBuilder().setImage(image).build();
    boolean here =
        images.imageStatus(ImageStatusRequest.newBuilder().setImage(spec).build()).hasImage();
    if (!here) {
      timed(
          "PullImage",
          () -> images.pullImage(PullImageRequest.newBuilder().setImage(spec).build()));
    }
  }

  private <T> T timed(String call, Supplier<T> work) {
    long begun = System.nanoTime();
    try {
      T answer = work.get();
      out.printf("%8.2f ms  %s%n", (System.nanoTime() - begun) / 1e6, call);
      return answer;
    } catch (StatusRuntimeException e) {
      out.println("          " + call + " failed");
      throw e;
    }
  }

  private static PodSandboxConfig pod() {
    return PodSandboxConfig.newBuilder()
        .setMetadata(PodSandboxMetadata.newBuilder().setName(NAME).setNamespace(NAME).setUid(NAME))
        .setHostname(NAME)
        .setLinux(
            LinuxPodSandboxConfig.newBuilder()
                .setSecurityContext(
                    LinuxSandboxSecurityContext.newBuilder()
                        .setNamespaceOptions(
                            NamespaceOption.newBuilder().setPid(NamespaceMode.CONTAINER))))
        .build();
  }

  private static ContainerConfig config(String image, String command) {
    return ContainerConfig.newBuilder()
        .setMetadata(ContainerMetadata.newBuilder().setName(NAME))
        .setImage(ImageSpec.newBuilder().setImage(image))
        .addAllCommand(List.of(command.split(" ")))
        .setLinux(
            LinuxContainerConfig.newBuilder()
                .setResources(
                    LinuxContainerResources.newBuilder()
                        .setCpuShares(102)
                        .setMemoryLimitInBytes(64L << 20)))
        .build();
  }
}
