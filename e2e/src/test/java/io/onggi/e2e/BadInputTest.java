package io.onggi.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.onggi.proto.ContainerState;
import io.onggi.proto.ContainerStatus;
import io.onggi.proto.ContainerStatusRequest;
import io.onggi.proto.CreateContainerRequest;
import io.onggi.proto.ImageSpec;
import io.onggi.proto.ImageStatusRequest;
import io.onggi.proto.PodSandboxConfig;
import io.onggi.proto.PodSandboxStatusRequest;
import io.onggi.proto.PullImageRequest;
import io.onggi.proto.RemoveContainerRequest;
import io.onggi.proto.RemoveImageRequest;
import io.onggi.proto.RemovePodSandboxRequest;
import io.onggi.proto.RunPodSandboxRequest;
import io.onggi.proto.StartContainerRequest;
import io.onggi.proto.StopContainerRequest;
import io.onggi.proto.StopPodSandboxRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Requests that cannot succeed: what is said, with which code, and that nothing stays behind. */
class BadInputTest {
  private static final String UNKNOWN = "5f3a".repeat(16);
  private static Node node;

  private Facts before;

  @BeforeAll
  static void start() {
    node = Node.start(true);
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @BeforeEach
  void take() {
    before = Facts.of(node);
  }

  @AfterEach
  void nothing_is_left_behind() {
    try (Facts facts = before) {
      facts.assertUnchanged();
    }
  }

  @Test
  void status_of_an_unknown_container_is_not_found_and_names_the_id() { // contract 20
    assertFails(
        Status.Code.NOT_FOUND,
        () ->
            node.cri()
                .runtime()
                .containerStatus(
                    ContainerStatusRequest.newBuilder().setContainerId(UNKNOWN).build()),
        UNKNOWN);
  }

  @Test
  void status_of_an_unknown_sandbox_is_not_found_and_names_the_id() { // contract 6
    assertFails(
        Status.Code.NOT_FOUND,
        () ->
            node.cri()
                .runtime()
                .podSandboxStatus(
                    PodSandboxStatusRequest.newBuilder().setPodSandboxId(UNKNOWN).build()),
        UNKNOWN);
  }

  @Test
  void stopping_and_removing_what_is_unknown_succeeds() { // contract 4, 5, 18, 19, 40
    var runtime = node.cri().runtime();
    runtime.stopContainer(StopContainerRequest.newBuilder().setContainerId(UNKNOWN).build());
    runtime.removeContainer(RemoveContainerRequest.newBuilder().setContainerId(UNKNOWN).build());
    runtime.stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(UNKNOWN).build());
    runtime.removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(UNKNOWN).build());
    node.cri()
        .images()
        .removeImage(
            RemoveImageRequest.newBuilder()
                .setImage(ImageSpec.newBuilder().setImage("sha256:" + "0".repeat(64)))
                .build());
  }

  @Test
  void an_unknown_image_has_no_status_and_no_error() { // contract 39
    var status =
        node.cri()
            .images()
            .imageStatus(
                ImageStatusRequest.newBuilder()
                    .setImage(ImageSpec.newBuilder().setImage("docker.io/onggi/none:1"))
                    .build());
    assertTrue(!status.hasImage(), status.toString());
  }

  @Test
  void a_malformed_reference_is_refused_and_quoted() {
    String malformed = "Registry.Example/UPPER CASE@@x";
    assertFails(Status.Code.INVALID_ARGUMENT, () -> pull(malformed), "UPPER CASE@@x");
  }

  @Test
  void a_pod_without_metadata_is_refused() { // contract 7
    PodSandboxConfig config = node.podConfig("nameless").toBuilder().clearMetadata().build();
    assertFails(Status.Code.INVALID_ARGUMENT, () -> node.runPod(config), "metadata");
  }

  @Test
  void a_pod_request_without_config_is_refused() {
    assertFails(
        Status.Code.INVALID_ARGUMENT,
        () -> node.cri().runtime().runPodSandbox(RunPodSandboxRequest.getDefaultInstance()),
        "config");
  }

  @Test
  void an_unknown_runtime_handler_is_refused_by_name() { // contract 2
    RunPodSandboxRequest request =
        RunPodSandboxRequest.newBuilder()
            .setConfig(node.podConfig("handler"))
            .setRuntimeHandler("kata-nonesuch")
            .build();
    StatusRuntimeException refused =
        assertThrows(
            StatusRuntimeException.class, () -> node.cri().runtime().runPodSandbox(request));
    assertNames(refused, "kata-nonesuch");
  }

  @Test
  void a_container_without_metadata_is_refused() {
    withPod(
        "bare",
        (podId, pod) -> {
          CreateContainerRequest.Builder request =
              node.container(podId, pod, "c", "true").toBuilder();
          request.getConfigBuilder().clearMetadata();
          assertFails(
              Status.Code.INVALID_ARGUMENT,
              () -> node.cri().runtime().createContainer(request.build()),
              "metadata");
        });
  }

  @Test
  void a_container_in_an_unknown_sandbox_is_not_found() {
    PodSandboxConfig pod = node.podConfig("gone");
    assertFails(
        Status.Code.NOT_FOUND,
        () -> node.cri().runtime().createContainer(node.container(UNKNOWN, pod, "c", "true")),
        UNKNOWN);
  }

  @Test
  void a_container_of_an_image_that_is_not_here_is_not_found_and_names_it() {
    withPod(
        "imageless",
        (podId, pod) -> {
          CreateContainerRequest.Builder request =
              node.container(podId, pod, "c", "true").toBuilder();
          request.getConfigBuilder().getImageBuilder().setImage("docker.io/onggi/none:1");
          assertFails(
              Status.Code.NOT_FOUND,
              () -> node.cri().runtime().createContainer(request.build()),
              "docker.io/onggi/none:1");
        });
  }

  @Test
  void a_command_that_is_not_in_the_image_is_named_and_the_container_is_a_start_error() {
    withPod(
        "commandless",
        (podId, pod) -> {
          String id =
              node.cri()
                  .runtime()
                  .createContainer(node.container(podId, pod, "c", "/bin/nonesuch", "-x"))
                  .getContainerId();
          StatusRuntimeException failed =
              assertThrows(
                  StatusRuntimeException.class,
                  () ->
                      node.cri()
                          .runtime()
                          .startContainer(
                              StartContainerRequest.newBuilder().setContainerId(id).build()));
          assertNames(failed, "/bin/nonesuch");
          ContainerStatus status =
              node.cri()
                  .runtime()
                  .containerStatus(ContainerStatusRequest.newBuilder().setContainerId(id).build())
                  .getStatus();
          assertEquals(ContainerState.CONTAINER_EXITED, status.getState());
          assertEquals("StartError", status.getReason());
          assertEquals(128, status.getExitCode());
          assertTrue(status.getMessage().contains("/bin/nonesuch"), status.getMessage());
        });
  }

  @Test
  void an_unreachable_registry_is_named() {
    StatusRuntimeException failed =
        assertThrows(StatusRuntimeException.class, () -> pull("127.0.0.1:1/onggi/none:1"));
    assertNames(failed, "127.0.0.1:1");
  }

  private static void pull(String reference) {
    node.cri()
        .images()
        .pullImage(
            PullImageRequest.newBuilder()
                .setImage(ImageSpec.newBuilder().setImage(reference))
                .build());
  }

  private interface InPod {
    void run(String podId, PodSandboxConfig pod);
  }

  /** Runs the test in a pod of its own that is removed again, so that everything of it must go. */
  private static void withPod(String name, InPod test) {
    PodSandboxConfig pod = node.podConfig(name);
    String id = node.runPod(pod);
    try {
      test.run(id, pod);
    } finally {
      node.cri()
          .runtime()
          .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
    }
  }

  private static void assertFails(Status.Code code, Executable call, String named) {
    StatusRuntimeException failed = assertThrows(StatusRuntimeException.class, call);
    assertEquals(code, failed.getStatus().getCode(), failed.getMessage());
    assertNames(failed, named);
  }

  private static void assertNames(StatusRuntimeException failed, String named) {
    String said = String.valueOf(failed.getMessage());
    assertTrue(said.contains(named), () -> said + " does not name " + named);
  }
}
