package io.onggi.e2e.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.onggi.e2e.Node;
import io.onggi.e2e.Programs;
import io.onggi.proto.ContainerConfig;
import io.onggi.proto.ImageSpec;
import io.onggi.proto.Mount;
import io.onggi.proto.MountPropagation;
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
  void c28_aMissingHostPathIsAnErrorThatNamesIt() {
    try (Pod pod = Pod.run(node)) {
      Path missing = pod.hostFolder("here").resolve("missing");
      StatusRuntimeException failed =
          assertThrows(
              StatusRuntimeException.class, () -> pod.start("c", mount(missing, "/data", _ -> {})));
      assertTrue(
          String.valueOf(failed.getMessage()).contains(missing.toString()), failed.getMessage());
      assertFalse(Files.exists(missing), "made by the runtime");
      Fails.invalid(
          "host_path",
          () -> pod.create("c", c -> c.addMounts(Mount.newBuilder().setContainerPath("/data"))));
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
  void c29_aHostPathAndAnImageTogetherAreRefusedAndImageVolumesAreNotBuiltYet() {
    try (Pod pod = Pod.run(node)) {
      Consumer<Mount.Builder> image = m -> m.setImage(ImageSpec.newBuilder().setImage(Node.IMAGE));
      Fails.with(
          Status.Code.UNIMPLEMENTED,
          "image volumes",
          () ->
              pod.create(
                  "c",
                  c ->
                      c.addMounts(
                          Mount.newBuilder()
                              .setContainerPath("/data")
                              .setImage(ImageSpec.newBuilder().setImage(Node.IMAGE)))));
      Fails.invalid("image", () -> pod.create("c", mount(pod.hostFolder("data"), "/data", image)));
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
    try (Pod pod = Pod.run(node)) {
      Path folder = pod.hostFolder("data");
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
}
