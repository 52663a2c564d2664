package io.onggi.e2e.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.onggi.e2e.Node;
import io.onggi.proto.Container;
import io.onggi.proto.ContainerFilter;
import io.onggi.proto.ContainerState;
import io.onggi.proto.ContainerStateValue;
import io.onggi.proto.ContainerStatus;
import io.onggi.proto.ContainerStatusRequest;
import io.onggi.proto.CreateContainerRequest;
import io.onggi.proto.ImageSpec;
import io.onggi.proto.ImageStatusRequest;
import io.onggi.proto.KeyValue;
import io.onggi.proto.ListContainersRequest;
import io.onggi.proto.RemoveContainerRequest;
import io.onggi.proto.Signal;
import io.onggi.proto.StartContainerRequest;
import io.onggi.proto.StopContainerRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The life of a container: create, start, stop, remove, status, list. */
@ExtendWith(SharedNode.class)
class ContainerContractTest {
  private static final String UNKNOWN =
      "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

  private final Node node;

  ContainerContractTest(Node node) {
    this.node = node;
  }

  @Test
  void c18_stoppingTwiceOrAnUnknownContainerSucceeds() {
    try (Pod pod = Pod.run(node)) {
      String container = pod.start("c");
      pod.stop(container, 0);
      pod.stop(container, 0);
      pod.stop(UNKNOWN, 10);
      pod.stop("no-such-container", 0);
      String created = pod.create("never-started");
      pod.stop(created, 10);
    }
  }

  @Test
  void c18_aProcessThatIgnoresTheStopSignalIsKilledWhenTheGracePeriodIsOver() {
    try (Pod pod = Pod.run(node)) {
      String container =
          pod.start("c", "sh", "-c", "trap '' TERM; echo ready; while :; do sleep 100000; done");
      awaitLog(pod, container, "ready");
      long began = System.nanoTime();
      pod.stop(container, 1);
      Duration took = Duration.ofNanos(System.nanoTime() - began);
      assertTrue(took.compareTo(Duration.ofSeconds(1)) >= 0, "killed early: " + took);
      assertTrue(took.compareTo(Duration.ofSeconds(20)) < 0, "killed late: " + took);
      assertEquals(137, pod.status(container).getExitCode());
      assertEquals("Error", pod.status(container).getReason());
    }
  }

  @Test
  void c18_timeoutZeroKillsAtOnceAndNothingOfTheContainerIsLeft() {
    try (Pod pod = Pod.run(node)) {
      String container =
          pod.start(
              "c", "sh", "-c", "setsid sleep 100000 & trap 'sleep 100000' TERM; echo ready; wait");
      awaitLog(pod, container, "ready");
      Path procs = Cgroup.of(node, "freezer", container).resolve("cgroup.procs");
      assertTrue(Cgroup.lines(procs).size() >= 2, () -> Cgroup.lines(procs).toString());
      List<String> pids = Cgroup.lines(procs);
      pod.stop(container, 0);
      assertEquals(ContainerState.CONTAINER_EXITED, pod.status(container).getState());
      for (String pid : pids) {
        Await.until(() -> "process " + pid, () -> !Files.exists(Path.of("/proc", pid)));
      }
    }
  }

  @Test
  void c18_aProcessThatHearsTheStopSignalEndsByItselfWithItsOwnCode() {
    try (Pod pod = Pod.run(node)) {
      String container =
          pod.start(
              "c", "sh", "-c", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done");
      awaitLog(pod, container, "ready");
      pod.stop(container, 60);
      assertEquals(7, pod.status(container).getExitCode());
    }
  }

  @Test
  void c18_aSecondStopWithLessGraceShortensTheFirst() throws Exception {
    try (Pod pod = Pod.run(node)) {
      String container =
          pod.start("c", "sh", "-c", "trap '' TERM; echo ready; while :; do sleep 100000; done");
      awaitLog(pod, container, "ready");
      Thread patient = Thread.ofVirtual().start(() -> pod.stop(container, 50));
      pod.stop(container, 0);
      patient.join(Duration.ofSeconds(20));
      assertFalse(patient.isAlive(), "the first stop goes on waiting for a dead container");
    }
  }

  @Test
  void c19_removeEndsWhatRunsAndSucceedsTwice() {
    try (Pod pod = Pod.run(node)) {
      String container = pod.start("c");
      Path process = Path.of("/proc/" + pod.pid(container));
      remove(container);
      assertFalse(Files.exists(process), process.toString());
      Fails.notFound(container, () -> pod.status(container));
      remove(container);
      remove(UNKNOWN);
      assertFalse(Files.exists(Cgroup.of(node, "memory", container)));
    }
  }

  private void remove(String id) {
    node.cri()
        .runtime()
        .removeContainer(RemoveContainerRequest.newBuilder().setContainerId(id).build());
  }

  @Test
  void c20_statusOfAMissingContainerIsNotFoundAndNamesIt() {
    Fails.notFound(
        UNKNOWN,
        () ->
            node.cri()
                .runtime()
                .containerStatus(
                    ContainerStatusRequest.newBuilder().setContainerId(UNKNOWN).build()));
    Fails.notFound(
        UNKNOWN,
        () ->
            node.cri()
                .runtime()
                .startContainer(
                    StartContainerRequest.newBuilder().setContainerId(UNKNOWN).build()));
  }

  @Test
  void c21_theSameNameAndAttemptIsTheSameContainerAlsoWhenAskedForAtTheSameTime() {
    try (Pod pod = Pod.run(node)) {
      CreateContainerRequest request = pod.request("c", _ -> {});
      Set<String> ids =
          Together.run(8, () -> node.cri().runtime().createContainer(request).getContainerId());
      assertEquals(1, ids.size(), ids.toString());
      String next = pod.create("c", c -> c.getMetadataBuilder().setAttempt(1));
      assertFalse(ids.contains(next));
      assertEquals(1, pod.status(next).getMetadata().getAttempt());
      assertEquals(2, list(ContainerFilter.newBuilder().setPodSandboxId(pod.id())).size());
    }
  }

  @Test
  void c21_aFailedCreateReservesNoName() {
    try (Pod pod = Pod.run(node)) {
      Fails.invalid(
          "nobody-knows",
          () ->
              pod.create(
                  "c",
                  c ->
                      c.getLinuxBuilder()
                          .getSecurityContextBuilder()
                          .setRunAsUsername("nobody-knows")));
      assertEquals(0, list(ContainerFilter.newBuilder().setPodSandboxId(pod.id())).size());
      String container = pod.start("c");
      assertEquals(ContainerState.CONTAINER_RUNNING, pod.status(container).getState());
    }
  }

  @Test
  void c11_everyPartOfTheFilterMustMatchAndLabelsExactly() {
    try (Pod pod = Pod.run(node);
        Pod other = Pod.run(node)) {
      String one = pod.start("one", c -> c.putLabels("app", "a").putLabels("tier", "x"));
      String two = pod.create("two", c -> c.putLabels("app", "a").putLabels("tier", "y"));
      String three = other.start("three", c -> c.putLabels("app", "a"));
      ContainerFilter.Builder app = ContainerFilter.newBuilder().putLabelSelector("app", "a");
      assertEquals(Set.of(one, two, three), ids(app));
      assertEquals(Set.of(one, two), ids(app.clone().setPodSandboxId(pod.id())));
      assertEquals(Set.of(two), ids(app.clone().putLabelSelector("tier", "y")));
      ContainerStateValue.Builder running =
          ContainerStateValue.newBuilder().setState(ContainerState.CONTAINER_RUNNING);
      assertEquals(Set.of(one, three), ids(app.clone().setState(running)));
      assertEquals(
          Set.of(one), ids(app.clone().setState(running).setPodSandboxId(pod.id()).setId(one)));
      assertEquals(Set.of(), ids(app.clone().setPodSandboxId(other.id()).setId(one)));
      assertEquals(Set.of(), ids(ContainerFilter.newBuilder().putLabelSelector("app", "A")));
      assertEquals(Set.of(), ids(ContainerFilter.newBuilder().setId(UNKNOWN)));
      ContainerStateValue.Builder created =
          ContainerStateValue.newBuilder().setState(ContainerState.CONTAINER_CREATED);
      assertEquals(Set.of(two), ids(ContainerFilter.newBuilder().setState(created)));
    }
  }

  private Set<String> ids(ContainerFilter.Builder filter) {
    return list(filter).stream().map(Container::getId).collect(Collectors.toSet());
  }

  private List<Container> list(ContainerFilter.Builder filter) {
    return node.cri()
        .runtime()
        .listContainers(ListContainersRequest.newBuilder().setFilter(filter).build())
        .getContainersList();
  }

  @Test
  void c22_annotationsAndLabelsComeBackAsTheyWere() {
    Map<String, String> odd =
        Map.of(
            "empty", "",
            "umlaut/\u00e4", "\u00fc\u00df\u4e2d\u0000\u0001\u007f\r\n\t\"\\",
            "decomposed", "a\u0308",
            "beyond", "\ud83e\udd52\ud835\udfd8",
            "reversed", "\u202eabc\ufeff\ufffe\u2028");
    try (Pod pod = Pod.run(node)) {
      String container = pod.start("c", c -> c.putAllAnnotations(odd).putAllLabels(odd));
      assertEquals(odd, pod.status(container).getAnnotationsMap());
      assertEquals(odd, pod.status(container).getLabelsMap());
      Container listed = list(ContainerFilter.newBuilder().setId(container)).getFirst();
      assertEquals(odd, listed.getAnnotationsMap());
      assertEquals(odd, listed.getLabelsMap());
    }
  }

  @Test
  void c33_theImageIdIsTheImageRefOfImageStatus() {
    String ref =
        node.cri()
            .images()
            .imageStatus(
                ImageStatusRequest.newBuilder()
                    .setImage(ImageSpec.newBuilder().setImage(Node.IMAGE))
                    .build())
            .getImage()
            .getId();
    try (Pod pod = Pod.run(node)) {
      String byTag = pod.create("by-tag");
      String byId =
          pod.create(
              "by-id", c -> c.getImageBuilder().setImage(ref).setUserSpecifiedImage("as-written"));
      for (String container : List.of(byTag, byId)) {
        assertEquals(ref, pod.status(container).getImageId());
        assertEquals(ref, pod.status(container).getImageRef());
      }
      assertEquals(Node.IMAGE, pod.status(byTag).getImage().getImage());
      assertEquals("as-written", pod.status(byId).getImage().getUserSpecifiedImage());
      assertEquals(ref, list(ContainerFilter.newBuilder().setId(byTag)).getFirst().getImageId());
    }
  }

  @Test
  void c34_theStopSignalIsReportedAndUsed() {
    try (Pod pod = Pod.run(node)) {
      String container =
          pod.start(
              "c",
              c -> c.setStopSignal(Signal.SIGNAL_SIGUSR1),
              "sh",
              "-c",
              "trap 'exit 9' USR1; trap '' TERM; echo ready; while :; do sleep 0.05; done");
      assertEquals(Signal.SIGNAL_SIGUSR1, pod.status(container).getStopSignal());
      awaitLog(pod, container, "ready");
      pod.stop(container, 60);
      assertEquals(9, pod.status(container).getExitCode());
      assertEquals(Signal.SIGNAL_SIGTERM, pod.status(pod.create("plain")).getStopSignal());
      assertEquals(
          Signal.SIGNAL_SIGRTMINPLUS3,
          pod.status(pod.create("rt", c -> c.setStopSignal(Signal.SIGNAL_SIGRTMINPLUS3)))
              .getStopSignal());
    }
  }

  @Test
  void c46_containerStatusHasInfoOnlyWhenVerboseAndItIsJson() {
    try (Pod pod = Pod.run(node)) {
      ContainerStatusRequest.Builder request =
          ContainerStatusRequest.newBuilder().setContainerId(pod.create("c"));
      assertEquals(0, node.cri().runtime().containerStatus(request.build()).getInfoCount());
      Map<String, String> info =
          node.cri().runtime().containerStatus(request.setVerbose(true).build()).getInfoMap();
      assertFalse(info.isEmpty());
      info.values().forEach(v -> assertTrue(Json.isObject(v), v));
    }
  }

  @Test
  void c47_statesReasonsAndTimesFollowTheLifeOfTheContainer() {
    try (Pod pod = Pod.run(node)) {
      String container = pod.create("c", "sh", "-c", "exit 3");
      ContainerStatus created = pod.status(container);
      assertEquals(ContainerState.CONTAINER_CREATED, created.getState());
      assertTrue(created.getCreatedAt() > 0);
      assertEquals(0, created.getStartedAt());
      assertEquals(0, created.getFinishedAt());
      pod.begin(container);
      ContainerStatus exited = pod.awaitExit(container);
      assertEquals(3, exited.getExitCode());
      assertEquals("Error", exited.getReason());
      assertTrue(created.getCreatedAt() <= exited.getStartedAt(), exited.toString());
      assertTrue(exited.getStartedAt() <= exited.getFinishedAt(), exited.toString());
      String good = pod.start("good", "true");
      assertEquals("Completed", pod.awaitExit(good).getReason());
      assertEquals(0, pod.awaitExit(good).getExitCode());
    }
  }

  @Test
  void start_aStartedOrEndedContainerCannotBeStartedAgain() {
    try (Pod pod = Pod.run(node)) {
      String running = pod.start("running");
      Fails.with(Status.Code.FAILED_PRECONDITION, running, () -> pod.begin(running));
      String ended = pod.start("ended", "true");
      pod.awaitExit(ended);
      Fails.with(Status.Code.FAILED_PRECONDITION, ended, () -> pod.begin(ended));
      pod.stop();
      Fails.with(Status.Code.FAILED_PRECONDITION, pod.id(), () -> pod.create("late"));
    }
  }

  @Test
  void env_valuesAreBytesAndLaterOnesWin() {
    byte[] odd = {
      'a', (byte) 0xff, (byte) 0xc3, ' ', '\n', '=', (byte) 0xed, (byte) 0xa0, (byte) 0x80, 1
    };
    try (Pod pod = Pod.run(node)) {
      String container =
          pod.start(
              "c",
              c ->
                  c.addEnvs(env("ODD", ByteString.copyFrom(odd)))
                      .addEnvs(env("TWICE", ByteString.copyFromUtf8("1")))
                      .addEnvs(env("TWICE", ByteString.copyFromUtf8("2")))
                      .addEnvs(env("EMPTY", ByteString.EMPTY)));
      ByteString environment = pod.exec(container, 0, "cat", "/proc/1/environ").getStdout();
      List<ByteString> entries = split(environment);
      assertTrue(
          entries.contains(ByteString.copyFromUtf8("ODD=").concat(ByteString.copyFrom(odd))),
          () -> java.util.HexFormat.of().formatHex(environment.toByteArray()));
      assertTrue(entries.contains(ByteString.copyFromUtf8("TWICE=2")));
      assertFalse(entries.contains(ByteString.copyFromUtf8("TWICE=1")));
      assertTrue(entries.contains(ByteString.copyFromUtf8("EMPTY=")));
      assertEquals(
          ByteString.copyFrom(odd),
          pod.exec(container, 0, "sh", "-c", "printf %s \"$ODD\"").getStdout());
    }
  }

  private static KeyValue env(String key, ByteString value) {
    return KeyValue.newBuilder().setKey(key).setValue(value).build();
  }

  private static List<ByteString> split(ByteString nulSeparated) {
    List<ByteString> entries = new java.util.ArrayList<>();
    int start = 0;
    for (int i = 0; i < nulSeparated.size(); i++) {
      if (nulSeparated.byteAt(i) == 0) {
        entries.add(nulSeparated.substring(start, i));
        start = i + 1;
      }
    }
    return entries;
  }

  @Test
  void create_commandArgumentsAndWorkingDirectoryAreThoseAsked() {
    try (Pod pod = Pod.run(node)) {
      String container =
          pod.start(
              "c",
              c -> c.addArgs("a b").addArgs("").addArgs("\u00fc").setWorkingDir("/made/for/it"),
              "sh",
              "-c",
              "pwd; echo $#; printf '<%s>' \"$0\" \"$@\"; echo");
      pod.awaitExit(container);
      String log = pod.log(container);
      assertTrue(log.contains(" stdout F /made/for/it\n"), log);
      assertTrue(log.contains(" stdout F 2\n"), log);
      assertTrue(log.contains(" stdout F <a b><><\u00fc>\n"), log);
    }
  }

  static void awaitLog(Pod pod, String container, String text) {
    Await.until(
        () -> "no " + text + " in: " + pod.log(container), () -> pod.log(container).contains(text));
  }

  @Test
  void c18_stoppingAContainerThatWasNeverStartedLeavesItCreated() {
    try (Pod pod = Pod.run(node)) {
      String created = pod.create("c");
      node.cri()
          .runtime()
          .stopContainer(StopContainerRequest.newBuilder().setContainerId(created).build());
      assertEquals(ContainerState.CONTAINER_CREATED, pod.status(created).getState());
    }
  }
}
