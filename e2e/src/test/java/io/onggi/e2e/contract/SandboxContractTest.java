package io.onggi.e2e.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.e2e.Node;
import io.onggi.e2e.Programs;
import io.onggi.proto.ContainerState;
import io.onggi.proto.Int64Value;
import io.onggi.proto.LinuxSandboxSecurityContext;
import io.onggi.proto.ListPodSandboxRequest;
import io.onggi.proto.NamespaceMode;
import io.onggi.proto.PodSandbox;
import io.onggi.proto.PodSandboxConfig;
import io.onggi.proto.PodSandboxFilter;
import io.onggi.proto.PodSandboxState;
import io.onggi.proto.PodSandboxStateValue;
import io.onggi.proto.PodSandboxStatusRequest;
import io.onggi.proto.PortMapping;
import io.onggi.proto.RemovePodSandboxRequest;
import io.onggi.proto.RunPodSandboxRequest;
import io.onggi.proto.SecurityProfile;
import io.onggi.proto.StopPodSandboxRequest;
import io.onggi.proto.UserNamespace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The five sandbox RPCs. */
@ExtendWith(SharedNode.class)
class SandboxContractTest {
  private static final String UNKNOWN =
      "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

  private final Node node;

  SandboxContractTest(Node node) {
    this.node = node;
  }

  @Test
  void c01_runAnswersWhenTheSandboxIsReady() {
    try (Pod pod = Pod.run(node)) {
      assertEquals(PodSandboxState.SANDBOX_READY, pod.status().getState());
      String address = pod.status().getNetwork().getIp();
      assertEquals(
          0, Programs.run(List.of("ping", "-c", "1", "-W", "10", address)).status(), address);
    }
  }

  @Test
  void c02_anUnknownRuntimeHandlerIsRefusedAndEmptyIsTheDefault() {
    PodSandboxConfig config = Pod.config(node, _ -> {});
    RunPodSandboxRequest.Builder request = RunPodSandboxRequest.newBuilder().setConfig(config);
    Fails.invalid(
        "kata",
        () -> node.cri().runtime().runPodSandbox(request.setRuntimeHandler("kata").build()));
    try (Pod pod = Pod.run(node, request.setRuntimeHandler("onggi").build())) {
      assertEquals("onggi", pod.status().getRuntimeHandler());
    }
    try (Pod pod = Pod.run(node, request.setRuntimeHandler("").build())) {
      assertEquals("", pod.status().getRuntimeHandler());
    }
  }

  @Test
  void c03_stopKillsEveryContainerAndGivesBackTheAddress() {
    try (Pod pod = Pod.run(node)) {
      String one = pod.start("one");
      String two = pod.start("two", "sh", "-c", "trap '' TERM; while :; do sleep 100000; done");
      List<Path> processes =
          List.of(Path.of("/proc/" + pod.pid(one)), Path.of("/proc/" + pod.pid(two)));
      String before = links();
      pod.stop();
      assertEquals(PodSandboxState.SANDBOX_NOTREADY, pod.status().getState());
      assertEquals("", pod.status().getNetwork().getIp());
      for (String container : List.of(one, two)) {
        assertEquals(ContainerState.CONTAINER_EXITED, pod.status(container).getState());
        assertEquals(137, pod.status(container).getExitCode());
      }
      processes.forEach(p -> assertFalse(Files.exists(p), p.toString()));
      assertNotEquals(before, links(), "the pod's link is still there");
      // The sandbox itself stays until it is removed.
      assertEquals(1, list(PodSandboxFilter.newBuilder().setId(pod.id())).size());
    }
  }

  private static String links() {
    return Programs.run(List.of("ip", "-o", "link", "show", "type", "veth")).output();
  }

  @Test
  void c04_stoppingTwiceOrAnUnknownSandboxSucceeds() {
    try (Pod pod = Pod.run(node)) {
      pod.stop();
      pod.stop();
    }
    stop(UNKNOWN);
    stop("no-such-sandbox");
  }

  private void stop(String id) {
    node.cri()
        .runtime()
        .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }

  @Test
  void c05_removeKillsAndRemovesTheContainersAndSucceedsTwice() {
    Pod pod = Pod.run(node);
    String container = pod.start("c");
    Path process = Path.of("/proc/" + pod.pid(container));
    pod.close();
    assertFalse(Files.exists(process), process.toString());
    Fails.notFound(container, () -> pod.status(container));
    Fails.notFound(pod.id(), () -> pod.status());
    pod.close();
    node.cri()
        .runtime()
        .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(UNKNOWN).build());
  }

  @Test
  void c06_statusOfAMissingSandboxIsNotFoundAndNamesIt() {
    Fails.notFound(
        UNKNOWN,
        () ->
            node.cri()
                .runtime()
                .podSandboxStatus(
                    PodSandboxStatusRequest.newBuilder().setPodSandboxId(UNKNOWN).build()));
  }

  @Test
  void c07_theSameMetadataIsTheSameSandboxAlsoWhenAskedForAtTheSameTime() {
    PodSandboxConfig config = Pod.config(node, _ -> {});
    RunPodSandboxRequest request = RunPodSandboxRequest.newBuilder().setConfig(config).build();
    Set<String> ids =
        Together.run(8, () -> node.cri().runtime().runPodSandbox(request).getPodSandboxId());
    assertEquals(1, ids.size(), ids.toString());
    PodSandboxConfig.Builder second = config.toBuilder();
    second.getMetadataBuilder().setAttempt(1);
    try (Pod pod = Pod.of(node, config, ids.iterator().next());
        Pod other =
            Pod.run(node, RunPodSandboxRequest.newBuilder().setConfig(second.build()).build())) {
      assertEquals(config.getMetadata(), pod.status().getMetadata());
      assertNotEquals(pod.id(), other.id());
      assertEquals(second.getMetadata(), other.status().getMetadata());
      assertNotEquals(pod.status().getNetwork().getIp(), other.status().getNetwork().getIp());
    }
  }

  @Test
  void c08_withoutAHostnameAPodOnTheHostsNetworkHasTheHostsName() {
    try (Pod pod =
        Pod.run(
            node,
            c ->
                c.clearHostname()
                    .getLinuxBuilder()
                    .getSecurityContextBuilder()
                    .getNamespaceOptionsBuilder()
                    .setNetwork(NamespaceMode.NODE))) {
      String container = pod.start("c");
      String host = Programs.run(List.of("uname", "-n")).output().strip();
      assertEquals(host, pod.sh(container, "hostname"));
    }
  }

  @Test
  void c09_annotationsAndLabelsComeBackAsTheyWere() {
    Map<String, String> odd =
        Map.of(
            "plain", "value",
            "empty", "",
            "umlaut/\u00e4", "\u00fc\u00df\u4e2d\u0000\u0001\u007f\r\n\t\"\\",
            "decomposed", "a\u0308",
            "beyond", "\ud83e\udd52\ud835\udfd8",
            "reversed", "\u202eabc\ufeff\ufffe\u2028",
            "json", "{\"a\": [1, 2]}",
            "long", "x".repeat(100_000));
    try (Pod pod = Pod.run(node, c -> c.putAllAnnotations(odd).putAllLabels(odd))) {
      assertEquals(odd, pod.status().getAnnotationsMap());
      assertEquals(odd, pod.status().getLabelsMap());
      PodSandbox listed = list(PodSandboxFilter.newBuilder().setId(pod.id())).getFirst();
      assertEquals(odd, listed.getAnnotationsMap());
      assertEquals(odd, listed.getLabelsMap());
    }
  }

  @Test
  void c10_createdAtIsWhenItWasMadeInNanoseconds() {
    long before = System.currentTimeMillis() * 1_000_000;
    try (Pod pod = Pod.run(node)) {
      long created = pod.status().getCreatedAt();
      assertTrue(created >= before, () -> created + " is before " + before);
      assertTrue(created <= (System.currentTimeMillis() + 1) * 1_000_000, "in the future");
      assertEquals(
          created, list(PodSandboxFilter.newBuilder().setId(pod.id())).getFirst().getCreatedAt());
    }
  }

  @Test
  void c11_everyPartOfTheFilterMustMatchAndLabelsExactly() {
    try (Pod one = Pod.run(node, c -> c.putLabels("app", "a").putLabels("tier", "x"));
        Pod two = Pod.run(node, c -> c.putLabels("app", "a").putLabels("tier", "y"))) {
      two.stop();
      PodSandboxFilter.Builder app = PodSandboxFilter.newBuilder().putLabelSelector("app", "a");
      assertEquals(Set.of(one.id(), two.id()), ids(app));
      assertEquals(Set.of(two.id()), ids(app.clone().putLabelSelector("tier", "y")));
      assertEquals(Set.of(one.id()), ids(app.clone().setState(state(true))));
      assertEquals(Set.of(two.id()), ids(app.clone().setState(state(false))));
      assertEquals(Set.of(), ids(app.clone().setState(state(true)).setId(two.id())));
      assertEquals(Set.of(), ids(app.clone().putLabelSelector("tier", "x").setId(two.id())));
      assertEquals(Set.of(), ids(PodSandboxFilter.newBuilder().putLabelSelector("app", "A")));
      assertEquals(Set.of(), ids(PodSandboxFilter.newBuilder().putLabelSelector("ap", "a")));
      assertEquals(Set.of(one.id(), two.id()), ids(PodSandboxFilter.newBuilder()));
      assertEquals(Set.of(), ids(PodSandboxFilter.newBuilder().setId(UNKNOWN)));
    }
  }

  private static PodSandboxStateValue state(boolean ready) {
    return PodSandboxStateValue.newBuilder()
        .setState(ready ? PodSandboxState.SANDBOX_READY : PodSandboxState.SANDBOX_NOTREADY)
        .build();
  }

  private Set<String> ids(PodSandboxFilter.Builder filter) {
    return list(filter).stream().map(PodSandbox::getId).collect(Collectors.toSet());
  }

  private List<PodSandbox> list(PodSandboxFilter.Builder filter) {
    return node.cri()
        .runtime()
        .listPodSandbox(ListPodSandboxRequest.newBuilder().setFilter(filter).build())
        .getItemsList();
  }

  @Test
  void c13_aGroupWithoutAUserIsRefused() {
    Fails.invalid(
        "run_as_group",
        () -> Pod.run(node, secured(s -> s.setRunAsGroup(Int64Value.newBuilder().setValue(5)))));
  }

  @Test
  void c14_hostPortZeroIsNoHostPort() {
    String before = rules();
    try (Pod pod =
            Pod.run(
                node,
                c ->
                    c.addPortMappings(
                        PortMapping.newBuilder().setContainerPort(80).setHostPort(0)));
        Pod other =
            Pod.run(
                node,
                c ->
                    c.addPortMappings(
                        PortMapping.newBuilder().setContainerPort(80).setHostPort(0)))) {
      assertEquals(PodSandboxState.SANDBOX_READY, other.status().getState());
      assertFalse(rules().contains(pod.status().getNetwork().getIp() + " . 80"), rules());
      assertEquals(before, rules(), "a rule for a host port that nobody asked for");
    }
  }

  private static String rules() {
    return Programs.run(List.of("nft", "list", "ruleset")).output();
  }

  @Test
  void c15_aLocalhostProfileIsOnlyForTypeLocalhostAndAbsolute() {
    SecurityProfile.Builder profile =
        SecurityProfile.newBuilder()
            .setProfileType(SecurityProfile.ProfileType.RuntimeDefault)
            .setLocalhostRef("/no/such/profile.json");
    Fails.invalid("localhost_ref", () -> Pod.run(node, secured(s -> s.setSeccomp(profile))));
    Fails.invalid("localhost_ref", () -> Pod.run(node, secured(s -> s.setApparmor(profile))));
    // The sandbox itself runs nothing but the shim: whether the file is there is asked by
    // containers.
    SecurityProfile.Builder relative =
        SecurityProfile.newBuilder()
            .setProfileType(SecurityProfile.ProfileType.Localhost)
            .setLocalhostRef("profile.json");
    Fails.invalid("profile.json", () -> Pod.run(node, secured(s -> s.setSeccomp(relative))));
  }

  @Test
  void c16_aUserNamespaceIsOfThePodOrOfTheNodeOnly() {
    for (NamespaceMode mode : List.of(NamespaceMode.CONTAINER, NamespaceMode.TARGET)) {
      Fails.invalid("POD or NODE", () -> Pod.run(node, secured(s -> userns(s, mode))));
    }
    Fails.invalid(
        "uids has 0 mappings", () -> Pod.run(node, secured(s -> userns(s, NamespaceMode.POD))));
    try (Pod pod = Pod.run(node, secured(s -> userns(s, NamespaceMode.NODE)))) {
      String container = pod.start("c");
      assertEquals(
          Programs.run(List.of("readlink", "/proc/self/ns/user")).output().strip(),
          pod.sh(container, "readlink /proc/self/ns/user"));
    }
  }

  private static void userns(LinuxSandboxSecurityContext.Builder context, NamespaceMode mode) {
    context.getNamespaceOptionsBuilder().setUsernsOptions(UserNamespace.newBuilder().setMode(mode));
  }

  private static Consumer<PodSandboxConfig.Builder> secured(
      Consumer<LinuxSandboxSecurityContext.Builder> change) {
    return config -> change.accept(config.getLinuxBuilder().getSecurityContextBuilder());
  }

  @Test
  void c46_sandboxStatusHasInfoOnlyWhenVerboseAndItIsJson() {
    try (Pod pod = Pod.run(node)) {
      PodSandboxStatusRequest.Builder request =
          PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod.id());
      assertEquals(0, node.cri().runtime().podSandboxStatus(request.build()).getInfoCount());
      Map<String, String> info =
          node.cri().runtime().podSandboxStatus(request.setVerbose(true).build()).getInfoMap();
      assertFalse(info.isEmpty());
      info.values().forEach(v -> assertTrue(Json.isObject(v), v));
    }
  }
}
