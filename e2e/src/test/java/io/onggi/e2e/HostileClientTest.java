package io.onggi.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.onggi.proto.CreateContainerRequest;
import io.onggi.proto.Device;
import io.onggi.proto.KeyValue;
import io.onggi.proto.ListPodSandboxRequest;
import io.onggi.proto.Mount;
import io.onggi.proto.PodSandboxConfig;
import io.onggi.proto.RemovePodSandboxRequest;
import io.onggi.proto.RunPodSandboxRequest;
import io.onggi.proto.RunPodSandboxResponse;
import io.onggi.proto.RuntimeServiceGrpc;
import io.onggi.proto.VersionRequest;
import io.onggi.proto.VersionResponse;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Clients that mean harm or are broken, against the real daemon: it lives, answers others, and
 * neither the kernel nor the ledger shows anything of theirs.
 */
class HostileClientTest {
  private static final int CLIENTS = 1000;
  private static final int HALF_OPEN = 200;
  private static final int OVERSIZE = 17 << 20;
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};

  private static Node node;

  private Facts before;

  @BeforeAll
  static void start() {
    node = Node.start(List.of("--pod-cidr=10.84.0.0/24"), true);
    // the first pod makes the bridge and the rules, which stay
    remove(node.runPod(node.podConfig("warm")));
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
  void the_daemon_lives_and_nothing_is_left_behind() {
    assertEquals("onggi", version().getRuntimeName());
    String doctor = node.onggi("doctor");
    assertTrue(doctor.contains(" 0 differences"), doctor);
    try (Facts facts = before) {
      facts.assertUnchanged();
    }
  }

  private static VersionResponse version() {
    return node.cri().runtime().version(VersionRequest.getDefaultInstance());
  }

  private static void remove(String pod) {
    var _ =
        node.cri()
            .runtime()
            .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
  }

  private static int descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + node.pid() + "/fd"))) {
      return (int) open.count();
    }
  }

  private static SocketChannel connect() throws IOException {
    SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
    socket.connect(UnixDomainSocketAddress.of(Node.socket(node.folder())));
    return socket;
  }

  /** Writes what the daemon takes of it; it may hang up in between. */
  private static void write(SocketChannel socket, byte[] bytes) {
    try {
      ByteBuffer left = ByteBuffer.wrap(bytes);
      while (left.hasRemaining()) {
        socket.write(left);
      }
    } catch (IOException _) {
      return; // hung up on, as it should be
    }
  }

  /** Until the daemon hangs up. */
  private static void drain(SocketChannel socket) {
    ByteBuffer answer = ByteBuffer.allocate(4096);
    try {
      while (socket.read(answer) >= 0) {
        answer.clear();
      }
    } catch (IOException _) {
      return; // reset: hung up as well
    }
  }

  /** Garbage of four kinds: noise, HTTP/1, a preface with noise, a preface with a huge frame. */
  private static byte[] garbage(int number, Random random) {
    byte[] noise = new byte[random.nextInt(1, 600)];
    random.nextBytes(noise);
    return switch (number % 4) {
      case 0 -> noise;
      case 1 -> "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
      case 2 -> joined(PREFACE, noise);
      default -> joined(PREFACE, SETTINGS, new byte[] {-1, -1, -1, 1, 4, 0, 0, 0, 1}, noise);
    };
  }

  private static byte[] joined(byte[]... parts) {
    ByteBuffer all = ByteBuffer.allocate(Stream.of(parts).mapToInt(p -> p.length).sum());
    for (byte[] part : parts) {
      all.put(part);
    }
    return all.array();
  }

  @Test
  void a_thousand_clients_that_send_garbage_are_hung_up_on() throws IOException {
    int openBefore = descriptors();
    Random random = new Random(CLIENTS);
    for (int i = 0; i < CLIENTS; i++) {
      try (SocketChannel socket = connect()) {
        write(socket, garbage(i, random));
        socket.shutdownOutput();
        drain(socket);
      }
    }
    awaitDescriptors(openBefore);
  }

  @Test
  void clients_that_connect_and_say_no_more_keep_nobody_from_being_served() throws IOException {
    int openBefore = descriptors();
    List<SocketChannel> silent = new ArrayList<>();
    try {
      for (int i = 0; i < HALF_OPEN; i++) {
        SocketChannel socket = connect();
        silent.add(socket);
        if (i % 2 == 0) {
          write(socket, PREFACE);
        }
      }
      assertEquals("onggi", version().getRuntimeName());
    } finally {
      for (SocketChannel socket : silent) {
        socket.close();
      }
    }
    awaitDescriptors(openBefore);
  }

  /** The daemon closes its end a moment after the client. */
  private static void awaitDescriptors(int most) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (descriptors() > most) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(descriptors() + " descriptors are open, there were " + most);
      }
      var _ = version();
    }
  }

  @Test
  void streams_that_are_opened_and_never_finished_end_with_their_client() throws IOException {
    int openBefore = descriptors();
    try (Cri client = new Cri(Node.socket(node.folder()))) {
      Channel channel = client.runtime().getChannel();
      for (int i = 0; i < CLIENTS; i++) {
        ClientCall<VersionRequest, VersionResponse> call =
            channel.newCall(RuntimeServiceGrpc.getVersionMethod(), CallOptions.DEFAULT);
        call.start(new ClientCall.Listener<>() {}, new Metadata());
        call.request(1);
      }
      assertEquals("onggi", version().getRuntimeName());
    }
    awaitDescriptors(openBefore);
  }

  @Test
  void a_message_of_more_than_16_mib_is_refused_by_its_size() {
    PodSandboxConfig config =
        node.podConfig("oversize").toBuilder().putAnnotations("note", "x".repeat(OVERSIZE)).build();
    StatusRuntimeException e =
        assertThrows(StatusRuntimeException.class, () -> node.runPod(config));
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, e.getStatus().getCode(), e.getMessage());
  }

  @Test
  void a_pod_whose_clients_have_no_time_is_made_once_or_not_at_all() {
    PodSandboxConfig config = node.podConfig("hurried");
    RunPodSandboxRequest request = RunPodSandboxRequest.newBuilder().setConfig(config).build();
    for (int millis = 0; millis < 10; millis++) {
      try {
        var _ =
            node.cri()
                .runtime()
                .withDeadlineAfter(millis, TimeUnit.MILLISECONDS)
                .runPodSandbox(request);
      } catch (StatusRuntimeException e) {
        assertEquals(Status.Code.DEADLINE_EXCEEDED, e.getStatus().getCode(), e.getMessage());
      }
    }
    String id = node.runPod(config);
    assertEquals(1, pods());
    remove(id);
  }

  @Test
  void a_pod_whose_client_goes_away_in_the_middle_is_there_for_the_next() {
    PodSandboxConfig config = node.podConfig("left");
    RunPodSandboxRequest request = RunPodSandboxRequest.newBuilder().setConfig(config).build();
    try (Cri client = new Cri(Node.socket(node.folder()))) {
      var _ = client.runtime().version(VersionRequest.getDefaultInstance());
      ClientCall<RunPodSandboxRequest, RunPodSandboxResponse> call =
          client
              .runtime()
              .getChannel()
              .newCall(RuntimeServiceGrpc.getRunPodSandboxMethod(), CallOptions.DEFAULT);
      call.start(new ClientCall.Listener<RunPodSandboxResponse>() {}, new Metadata());
      call.request(1);
      call.sendMessage(request);
      call.halfClose();
    }
    String id = node.runPod(config);
    assertEquals(1, pods());
    remove(id);
  }

  private static int pods() {
    return node.cri()
        .runtime()
        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
        .getItemsCount();
  }

  private record Bad(String word, Consumer<PodSandboxConfig.Builder> change) {}

  @TestFactory
  Stream<DynamicTest> a_pod_that_cannot_be_is_refused_by_the_field_s_name() {
    return Stream.of(
            new Bad("dns_config.servers", c -> c.getDnsConfigBuilder().addServers("1.1.1.1\nx y")),
            new Bad("hostname", c -> c.setHostname("a\nb")),
            new Bad("hostname", c -> c.setHostname("x".repeat(65))),
            new Bad("log_directory", c -> c.setLogDirectory("../../tmp")),
            new Bad("log_directory", c -> c.setLogDirectory("/" + "x".repeat(300))),
            new Bad("sysctl", c -> c.getLinuxBuilder().putSysctls("kernel.core_pattern", "|/x")),
            new Bad("sysctl", c -> c.getLinuxBuilder().putSysctls("net./../kernel.panic", "1")),
            new Bad("sysctl", c -> c.getLinuxBuilder().putSysctls("a.".repeat(30_000), "1")),
            new Bad("metadata.uid", c -> c.getMetadataBuilder().setUid("")),
            new Bad("metadata.name", c -> c.getMetadataBuilder().setName("a\0b")))
        .map(bad -> DynamicTest.dynamicTest(bad.word(), () -> refused(bad)));
  }

  private static void refused(Bad bad) {
    PodSandboxConfig.Builder config = node.podConfig("bad").toBuilder();
    bad.change().accept(config);
    assertNames(
        bad.word(), assertThrows(StatusRuntimeException.class, () -> node.runPod(config.build())));
  }

  private static void assertNames(String word, StatusRuntimeException e) {
    assertEquals(Status.Code.INVALID_ARGUMENT, e.getStatus().getCode(), e.getMessage());
    assertTrue(String.valueOf(e.getMessage()).contains(word), e.getMessage());
  }

  private record BadContainer(String word, Consumer<CreateContainerRequest.Builder> change) {}

  @Test
  void a_container_that_cannot_be_is_refused_when_it_is_created() {
    PodSandboxConfig pod = node.podConfig("host");
    String id = node.runPod(pod);
    try {
      for (BadContainer bad : badContainers()) {
        CreateContainerRequest.Builder request = node.container(id, pod, "c", "true").toBuilder();
        bad.change().accept(request);
        assertNames(
            bad.word(),
            assertThrows(
                StatusRuntimeException.class,
                () -> node.cri().runtime().createContainer(request.build()),
                bad.word()));
      }
    } finally {
      remove(id);
    }
  }

  private static List<BadContainer> badContainers() {
    String list = "0" + ",0".repeat(50_000);
    Mount root = Mount.newBuilder().setContainerPath("/").setHostPath("/tmp").build();
    Device file = Device.newBuilder().setContainerPath("/dev/x").setHostPath("/etc/passwd").build();
    KeyValue key = KeyValue.newBuilder().setKey("A=B").build();
    return List.of(
        new BadContainer("command", r -> r.getConfigBuilder().clearCommand().addCommand("")),
        new BadContainer("args[0]", r -> r.getConfigBuilder().addArgs("a\0b")),
        new BadContainer("args[0]", r -> r.getConfigBuilder().addArgs("x".repeat(200_000))),
        new BadContainer(
            "working_dir", r -> r.getConfigBuilder().setWorkingDir("/" + "x".repeat(256))),
        new BadContainer("log_path", r -> r.getConfigBuilder().setLogPath("../../../etc/x")),
        new BadContainer("environment variable", r -> r.getConfigBuilder().addEnvs(key)),
        new BadContainer("container_path", r -> r.getConfigBuilder().addMounts(root)),
        new BadContainer("host_path", r -> r.getConfigBuilder().addDevices(file)),
        new BadContainer(
            "cpuset",
            r -> r.getConfigBuilder().getLinuxBuilder().getResourcesBuilder().setCpusetCpus(list)),
        new BadContainer(
            "masked_paths",
            r ->
                r.getConfigBuilder()
                    .getLinuxBuilder()
                    .getSecurityContextBuilder()
                    .addMaskedPaths("proc/kcore")),
        new BadContainer(
            "add_capabilities",
            r ->
                r.getConfigBuilder()
                    .getLinuxBuilder()
                    .getSecurityContextBuilder()
                    .getCapabilitiesBuilder()
                    .addAddCapabilities("CAP_EVERYTHING")));
  }
}
