package io.onggi.e2e.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.onggi.e2e.Node;
import io.onggi.e2e.Programs;
import io.onggi.proto.ContainerConfig;
import io.onggi.proto.Mount;
import io.onggi.proto.MountPropagation;
import io.onggi.proto.RemoveContainerRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Mounts from the host. */
@ExtendWith(SharedNode.class)
class MountContractTest {
  private final Node node;

  MountContractTest(Node node) {
    this.node = node;
  }

  private static Consumer<ContainerConfig.Builder> mount(
      Path host, String inside, Consumer<Mount.Builder> change) {
    Mount.Builder mount = Mount.newBuilder().setHostPath(host.toString()).setContainerPath(inside);
    change.accept(mount);
    return c -> c.addMounts(mount);
  }

  @Test
  void c28_aMissingHostPathIsAnErrorAtCreationThatNamesIt() throws IOException {
    try (Pod pod = Pod.run(node)) {
      Path folder = pod.hostFolder("here");
      Path dangling = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("nothing"));
      Path file = Files.writeString(folder.resolve("file"), "");
      for (Path missing : List.of(folder.resolve("missing"), dangling, file.resolve("below"))) {
        Fails.with(
            Status.Code.FAILED_PRECONDITION,
            missing.toString(),
            () -> pod.create("c", mount(missing, "/data", _ -> {})));
        assertFalse(Files.exists(missing), "made by the runtime");
      }
      Fails.invalid(
          "host_path",
          () -> pod.create("c", c -> c.addMounts(Mount.newBuilder().setContainerPath("/data"))));
    }
  }

  @Test
  void c28_aHostPathThatIsGoneByTheStartIsToldThen() throws IOException {
    try (Pod pod = Pod.run(node)) {
      Path folder = pod.hostFolder("short-lived");
      String container = pod.create("c", mount(folder, "/data", _ -> {}));
      Files.delete(folder);
      Fails.with(Status.Code.INTERNAL, folder.toString(), () -> pod.begin(container));
    }
  }

  @Test
  void c28_aSymlinkAsHostPathIsFollowed() throws IOException {
    try (Pod pod = Pod.run(node)) {
      Path folder = pod.hostFolder("real");
      Files.writeString(folder.resolve("file"), "real");
      Path link = Files.createSymbolicLink(folder.resolveSibling("link"), folder);
      Path toFile =
          Files.createSymbolicLink(folder.resolveSibling("to-file"), Path.of("real/file"));
      String container =
          pod.start(
              "c", mount(link, "/data", _ -> {}).andThen(mount(toFile, "/one-file", _ -> {})));
      assertEquals("real", pod.sh(container, "cat /data/file"));
      assertEquals("real", pod.sh(container, "cat /one-file"));
      pod.sh(container, "echo inside >/data/new");
      assertEquals("inside\n", Files.readString(folder.resolve("new")));
    }
  }

  @Test
  void c28_aSymlinkInTheImageDoesNotLeadAMountOutOfTheContainer() throws IOException {
    try (Pod pod = Pod.run(node)) {
      Path folder = pod.hostFolder("data");
      Files.writeString(folder.resolve("file"), "here");
      // /var/run is a link to ../run in the image.
      String container = pod.start("c", mount(folder, "/var/run/deep/data", _ -> {}));
      assertEquals("here", pod.sh(container, "cat /run/deep/data/file"));
    }
  }

  @Test
  void c30_recursiveReadOnlyNeedsReadonlyAndPrivate() {
    try (Pod pod = Pod.run(node)) {
      Path folder = pod.hostFolder("data");
      Fails.invalid(
          "recursive_read_only",
          () -> pod.create("c", mount(folder, "/data", m -> m.setRecursiveReadOnly(true))));
      for (MountPropagation shared :
          List.of(
              MountPropagation.PROPAGATION_HOST_TO_CONTAINER,
              MountPropagation.PROPAGATION_BIDIRECTIONAL)) {
        Fails.invalid(
            "recursive_read_only",
            () ->
                pod.create(
                    "c",
                    mount(
                        folder,
                        "/data",
                        m ->
                            m.setReadonly(true)
                                .setRecursiveReadOnly(true)
                                .setPropagation(shared))));
      }
    }
  }

  @Test
  void c30_readOnlyStopsAtASubmountAndRecursiveReadOnlyDoesNot() {
    try (Pod pod = Pod.run(node);
        HostMount _ = HostMount.tmpfs(pod.hostFolder("data/below"))) {
      Path folder = pod.hostFolder("data");
      String container =
          pod.start(
              "c",
              mount(folder, "/rw", _ -> {})
                  .andThen(mount(folder, "/ro", m -> m.setReadonly(true)))
                  .andThen(
                      mount(folder, "/rro", m -> m.setReadonly(true).setRecursiveReadOnly(true))));
      pod.sh(container, "touch /rw/file /rw/below/file");
      pod.shFails(container, "touch /ro/file");
      pod.sh(container, "touch /ro/below/file");
      pod.shFails(container, "touch /rro/file");
      pod.shFails(container, "touch /rro/below/file");
      Mount shown =
          pod.status(container).getMountsList().stream()
              .filter(m -> m.getContainerPath().equals("/rro"))
              .findFirst()
              .orElseThrow();
      assertTrue(shown.getReadonly() && shown.getRecursiveReadOnly(), shown.toString());
    }
  }

  @Test
  void mounts_theStatusShowsWhatWasAskedAndNothingElse() {
    try (Pod pod = Pod.run(node);
        HostMount shared = HostMount.shared(pod.hostFolder("data"))) {
      Path folder = shared.folder();
      Mount asked =
          Mount.newBuilder()
              .setHostPath(folder.toString())
              .setContainerPath("/data")
              .setReadonly(true)
              .setPropagation(MountPropagation.PROPAGATION_HOST_TO_CONTAINER)
              .build();
      String container = pod.start("c", c -> c.addMounts(asked));
      assertEquals(List.of(asked), pod.status(container).getMountsList());
    }
  }

  @Test
  void mounts_propagationIsAsAsked() {
    try (Pod pod =
            Pod.run(
                node, c -> c.getLinuxBuilder().getSecurityContextBuilder().setPrivileged(true));
        HostMount shared = HostMount.shared(pod.hostFolder("shared"))) {
      Path folder = shared.folder();
      Consumer<ContainerConfig.Builder> privileged =
          c -> c.getLinuxBuilder().getSecurityContextBuilder().setPrivileged(true);
      String container =
          pod.start(
              "c",
              privileged
                  .andThen(mount(folder, "/private", _ -> {}))
                  .andThen(
                      mount(
                          folder,
                          "/slave",
                          m -> m.setPropagation(MountPropagation.PROPAGATION_HOST_TO_CONTAINER)))
                  .andThen(
                      mount(
                          folder,
                          "/both",
                          m -> m.setPropagation(MountPropagation.PROPAGATION_BIDIRECTIONAL))));
      pod.sh(container, "mkdir /private/p /private/s /private/b /private/h");
      try (HostMount _ = HostMount.tmpfs(folder.resolve("h"))) {
        assertMounted(pod, container, "/private/h", false);
        assertMounted(pod, container, "/slave/h", true);
        assertMounted(pod, container, "/both/h", true);
      }
      assertMounted(pod, container, "/slave/h", false);
      pod.sh(
          container,
          "for d in private/p slave/s both/b; do mount -t tmpfs none /$d || exit 1; done");
      assertFalse(HostMount.isMounted(folder.resolve("p")));
      assertFalse(HostMount.isMounted(folder.resolve("s")));
      assertTrue(HostMount.isMounted(folder.resolve("b")));
      pod.sh(container, "umount /both/b");
      assertFalse(HostMount.isMounted(folder.resolve("b")));
    }
  }

  private static void assertMounted(Pod pod, String container, String path, boolean expected) {
    assertEquals(
        expected,
        !pod.sh(container, "awk '$5 == \"" + path + "\"' /proc/self/mountinfo").isEmpty(),
        path);
  }

  @Test
  void mounts_ofAContainerAreUnseenOnTheHostAndGoneWithIt() throws IOException {
    try (Pod pod = Pod.run(node)) {
      Path folder = pod.hostFolder("data");
      String container = pod.start("c", mount(folder, "/very-own-place", _ -> {}));
      assertFalse(Files.readString(Path.of("/proc/self/mountinfo")).contains("very-own-place"));
      pod.stop(container, 0);
      assertEquals(0, Programs.run(List.of("rm", "-r", folder.toString())).status());
    }
  }

  @Test
  void mounts_overEachOtherAreInTheOrderOfTheirDepthAndOverThePodsFiles() throws IOException {
    try (Pod pod = Pod.run(node)) {
      Path outer = pod.hostFolder("outer");
      Path inner = pod.hostFolder("inner");
      Path hosts = Files.writeString(inner.resolve("hosts"), "10.0.0.1 other");
      String container =
          pod.start(
              "c",
              mount(inner, "/a/b", _ -> {})
                  .andThen(mount(outer, "/a", _ -> {}))
                  .andThen(mount(hosts, "/etc/hosts", m -> m.setReadonly(true))));
      pod.sh(container, "touch /a/b/in-inner /a/in-outer");
      assertTrue(Files.exists(inner.resolve("in-inner")));
      assertTrue(Files.exists(outer.resolve("in-outer")));
      assertEquals("10.0.0.1 other", pod.sh(container, "cat /etc/hosts"));
    }
  }

  @Test
  void mounts_ofWhichTwoHaveOnePlaceTheLaterIsSeen() throws IOException {
    try (Pod pod = Pod.run(node)) {
      Path first = Files.writeString(pod.hostFolder("a").resolve("log"), "first");
      Path second = Files.writeString(pod.hostFolder("b").resolve("log"), "second");
      String place = "/dev/termination-log";
      String container =
          pod.start("c", mount(first, place, _ -> {}).andThen(mount(second, place, _ -> {})));
      assertEquals("second", pod.sh(container, "cat " + place));
      pod.sh(container, "echo -n bye >" + place);
      assertEquals("bye", Files.readString(second), "the kubelet's termination log");
      assertEquals(2, pod.status(container).getMountsCount());
    }
  }

  @Test
  void mounts_onProcAndDevShmTakeThePlaceOfOurs() throws IOException {
    try (Pod pod = Pod.run(node);
        HostMount memory = HostMount.tmpfs(pod.hostFolder("memory"))) {
      Path meminfo = Files.writeString(pod.hostFolder("lxcfs").resolve("meminfo"), "small");
      String plain = pod.start("plain");
      assertEquals("65536", pod.sh(plain, "df -k /dev/shm | awk 'END{print $2}'"), "64 MiB");
      String container =
          pod.start(
              "c",
              mount(memory.folder(), "/dev/shm", _ -> {})
                  .andThen(mount(meminfo, "/proc/meminfo", _ -> {})));
      pod.sh(container, "touch /dev/shm/here");
      assertTrue(Files.exists(memory.folder().resolve("here")), "an emptyDir in memory");
      assertEquals("small", pod.sh(container, "cat /proc/meminfo"));
    }
  }

  @Test
  void mounts_ofTheHostsWholeDevBringItsOwnAndLeaveTheHostAlone() throws IOException {
    try (Pod pod = Pod.run(node)) {
      List<String> before = Files.readAllLines(Path.of("/proc/self/mountinfo"));
      String container = pod.start("c", mount(Path.of("/dev"), "/dev", _ -> {}));
      assertEquals(
          Files.exists(Path.of("/dev/kmsg")) ? "yes" : "no",
          pod.sh(container, "test -e /dev/kmsg && echo yes || echo no"));
      assertEquals(before, Files.readAllLines(Path.of("/proc/self/mountinfo")));
    }
  }

  @Test
  void mounts_thousandOfThemFitOneContainerAndNoMore() {
    try (Pod pod = Pod.run(node)) {
      Path folder = pod.hostFolder("data");
      Consumer<ContainerConfig.Builder> many =
          c -> {
            for (int i = 0; i < 1000; i++) {
              mount(folder, "/many/" + i, m -> m.setReadonly(true)).accept(c);
            }
          };
      String container = pod.start("c", many);
      assertEquals("1000", pod.sh(container, "grep -c ' /many/' /proc/self/mountinfo"));
      Fails.invalid("mounts", () -> pod.create("d", many.andThen(mount(folder, "/x", _ -> {}))));
    }
  }

  @Test
  void mounts_thatCannotPropagateAreRefusedAtCreation() {
    try (Pod pod =
            Pod.run(
                node, c -> c.getLinuxBuilder().getSecurityContextBuilder().setPrivileged(true));
        HostMount lone = HostMount.tmpfs(pod.hostFolder("private"))) {
      lone.make("private");
      for (MountPropagation kind :
          List.of(
              MountPropagation.PROPAGATION_HOST_TO_CONTAINER,
              MountPropagation.PROPAGATION_BIDIRECTIONAL)) {
        Fails.with(
            Status.Code.FAILED_PRECONDITION,
            "mount --make-rshared " + lone.folder(),
            () -> pod.create("c", mount(lone.folder(), "/data", m -> m.setPropagation(kind))));
      }
      lone.make("shared");
      String container =
          pod.create(
              "c",
              mount(
                  lone.folder(),
                  "/data",
                  m -> m.setPropagation(MountPropagation.PROPAGATION_BIDIRECTIONAL)));
      lone.make("private");
      Fails.with(Status.Code.INTERNAL, lone.folder().toString(), () -> pod.begin(container));
    }
  }

  @Test
  void mounts_optionsAreInTheContainersMountTableAndInTheStatus() {
    try (Pod pod = Pod.run(node);
        HostMount _ = HostMount.tmpfs(pod.hostFolder("data/below"))) {
      Path folder = pod.hostFolder("data");
      List<String> options = List.of("noexec", "nosuid", "rnodev", "noatime", "ro", "nosymfollow");
      String container =
          pod.start(
              "c",
              mount(folder, "/hard", m -> m.addAllMountOptions(options))
                  .andThen(mount(folder, "/soft", m -> m.addMountOptions("exec"))));
      assertEquals("ro,nosuid,nodev,noexec,noatime,nosymfollow", flags(pod, container, "/hard"));
      assertTrue(flags(pod, container, "/hard/below").startsWith("rw,nodev"), "all below: nodev");
      assertFalse(flags(pod, container, "/soft").contains("no"), flags(pod, container, "/soft"));
      pod.sh(container, "echo 'echo ran' >/soft/script; chmod 755 /soft/script; /soft/script");
      pod.shFails(container, "/hard/script");
      assertEquals(options, pod.status(container).getMounts(0).getMountOptionsList());
      for (String wrong : List.of("size=10m", "shared", "nonsense", "rexec")) {
        Fails.invalid(
            "mount_options: \"" + wrong + "\"",
            () ->
                pod.create(
                    "d",
                    mount(folder, "/d", m -> m.addMountOptions("noexec").addMountOptions(wrong))));
      }
    }
  }

  private static String flags(Pod pod, String container, String path) {
    return pod.sh(container, "awk '$5 == \"" + path + "\" {print $6}' /proc/self/mountinfo");
  }

  @Test
  void mounts_thatSomebodyStandsInDoNotKeepAContainerFromGoing() throws Exception {
    try (Pod pod = Pod.run(node);
        HostMount shared = HostMount.tmpfs(pod.hostFolder("busy"))) {
      String container = pod.start("c", mount(shared.folder(), "/data", _ -> {}));
      String mounts = "/proc/" + pod.pid(container) + "/ns/mnt";
      Process guest =
          new ProcessBuilder(
                  "nsenter", "--mount=" + mounts, "sh", "-c", "cd /data; echo in; exec sleep 1000")
              .start();
      try {
        assertEquals('i', guest.getInputStream().read(), "it stands in the container's mount");
        node.cri()
            .runtime()
            .removeContainer(RemoveContainerRequest.newBuilder().setContainerId(container).build());
        Fails.notFound(container, () -> pod.status(container));
      } finally {
        guest.destroyForcibly().waitFor();
      }
    }
  }
}
