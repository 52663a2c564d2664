package io.onggi.e2e.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.onggi.e2e.Cri;
import io.onggi.e2e.Node;
import io.onggi.proto.ContainerConfig;
import io.onggi.proto.ContainerState;
import io.onggi.proto.ContainerStatus;
import io.onggi.proto.ContainerStatusRequest;
import io.onggi.proto.ContainerStatusResponse;
import io.onggi.proto.CreateContainerRequest;
import io.onggi.proto.ExecSyncRequest;
import io.onggi.proto.ExecSyncResponse;
import io.onggi.proto.NamespaceMode;
import io.onggi.proto.PodSandboxConfig;
import io.onggi.proto.PodSandboxStatus;
import io.onggi.proto.PodSandboxStatusRequest;
import io.onggi.proto.RemovePodSandboxRequest;
import io.onggi.proto.RunPodSandboxRequest;
import io.onggi.proto.StartContainerRequest;
import io.onggi.proto.StopContainerRequest;
import io.onggi.proto.StopPodSandboxRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** One pod and what can be asked of it; {@link #close} removes it with all its containers. */
final class Pod implements AutoCloseable {
  /** A command that runs until it is killed; as pid 1 it does not hear SIGTERM. */
  static final String[] RUN = {"sleep", "100000"};

  /** The kubelet's client takes no more; grpc-java's own limit is 4 MiB. */
  private static final int LARGEST_ANSWER = 16 << 20;

  private static final AtomicInteger COUNTER = new AtomicInteger();

  private final Node node;
  private final PodSandboxConfig config;
  private final String id;

  private Pod(Node node, PodSandboxConfig config, String id) {
    this.node = node;
    this.config = config;
    this.id = id;
  }

  static Pod run(Node node) {
    return run(node, _ -> {});
  }

  static Pod run(Node node, Consumer<PodSandboxConfig.Builder> change) {
    PodSandboxConfig config = config(node, change);
    return run(node, RunPodSandboxRequest.newBuilder().setConfig(config).build());
  }

  static Pod run(Node node, RunPodSandboxRequest request) {
    return of(
        node, request.getConfig(), node.cri().runtime().runPodSandbox(request).getPodSandboxId());
  }

  static Pod of(Node node, PodSandboxConfig config, String id) {
    return new Pod(node, config, id);
  }

  /** A name that no other pod of this run has. */
  static PodSandboxConfig config(Node node, Consumer<PodSandboxConfig.Builder> change) {
    PodSandboxConfig.Builder config =
        node.podConfig("pod-" + COUNTER.incrementAndGet()).toBuilder();
    config
        .getLinuxBuilder()
        .getSecurityContextBuilder()
        .getNamespaceOptionsBuilder()
        .setPid(NamespaceMode.CONTAINER);
    change.accept(config);
    return config.build();
  }

  /** The same pod, asked through the daemon that follows. */
  Pod on(Node next) {
    return new Pod(next, config, id);
  }

  String id() {
    return id;
  }

  PodSandboxConfig config() {
    return config;
  }

  Cri cri() {
    return node.cri();
  }

  PodSandboxStatus status() {
    return cri()
        .runtime()
        .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build())
        .getStatus();
  }

  void stop() {
    cri().runtime().stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }

  CreateContainerRequest request(
      String name, Consumer<ContainerConfig.Builder> change, String... command) {
    CreateContainerRequest.Builder request =
        node.container(id, config, name, command.length == 0 ? RUN : command).toBuilder();
    request // as the kubelet says it; what the field's zero means is a pod's shared pid namespace
        .getConfigBuilder()
        .getLinuxBuilder()
        .getSecurityContextBuilder()
        .getNamespaceOptionsBuilder()
        .setPid(NamespaceMode.CONTAINER);
    change.accept(request.getConfigBuilder());
    return request.build();
  }

  String create(String name, Consumer<ContainerConfig.Builder> change, String... command) {
    return cri().runtime().createContainer(request(name, change, command)).getContainerId();
  }

  String create(String name, String... command) {
    return create(name, _ -> {}, command);
  }

  /** Creates and starts; without a command the container runs until it is killed. */
  String start(String name, Consumer<ContainerConfig.Builder> change, String... command) {
    String container = create(name, change, command);
    begin(container);
    return container;
  }

  String start(String name, String... command) {
    return start(name, _ -> {}, command);
  }

  void begin(String container) {
    cri()
        .runtime()
        .startContainer(StartContainerRequest.newBuilder().setContainerId(container).build());
  }

  void stop(String container, long graceSeconds) {
    cri()
        .runtime()
        .stopContainer(
            StopContainerRequest.newBuilder()
                .setContainerId(container)
                .setTimeout(graceSeconds)
                .build());
  }

  ContainerStatus status(String container) {
    return cri()
        .runtime()
        .containerStatus(ContainerStatusRequest.newBuilder().setContainerId(container).build())
        .getStatus();
  }

  /** The host's pid of its first process; 0 when it does not run. */
  int pid(String container) {
    ContainerStatusResponse answer =
        cri()
            .runtime()
            .containerStatus(
                ContainerStatusRequest.newBuilder()
                    .setContainerId(container)
                    .setVerbose(true)
                    .build());
    return Json.number(answer.getInfoOrThrow("info"), "pid");
  }

  ContainerStatus awaitExit(String container) {
    Await.until(
        () -> "container " + container + " has not ended: " + status(container),
        () -> status(container).getState() == ContainerState.CONTAINER_EXITED);
    return status(container);
  }

  ExecSyncResponse exec(String container, long timeoutSeconds, String... command) {
    return cri()
        .runtime()
        .withMaxInboundMessageSize(LARGEST_ANSWER)
        .execSync(
            ExecSyncRequest.newBuilder()
                .setContainerId(container)
                .addAllCmd(List.of(command))
                .setTimeout(timeoutSeconds)
                .build());
  }

  /** What the shell script prints; it must succeed. */
  String sh(String container, String script) {
    ExecSyncResponse answer = exec(container, 0, "sh", "-c", script);
    assertEquals(0, answer.getExitCode(), () -> script + ": " + answer.getStderr().toStringUtf8());
    return answer.getStdout().toStringUtf8().strip();
  }

  /** That the shell script fails. */
  void shFails(String container, String script) {
    ExecSyncResponse answer = exec(container, 0, "sh", "-c", script);
    assertFalse(answer.getExitCode() == 0, () -> script + ": " + answer.getStdout().toStringUtf8());
  }

  Path logFile(String container) {
    return Path.of(status(container).getLogPath());
  }

  String log(String container) {
    try {
      return Files.readString(logFile(container));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A folder of the host for this pod's mounts, below the node's own. */
  Path hostFolder(String name) {
    try {
      return Files.createDirectories(
          Path.of(config.getLogDirectory()).resolve("host").resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    cri()
        .runtime()
        .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }
}
