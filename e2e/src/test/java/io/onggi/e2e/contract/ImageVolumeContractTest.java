package io.onggi.e2e.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.onggi.e2e.Node;
import io.onggi.proto.ContainerConfig;
import io.onggi.proto.ImageSpec;
import io.onggi.proto.ListContainersRequest;
import io.onggi.proto.Mount;
import io.onggi.proto.MountPropagation;
import io.onggi.proto.RemoveContainerRequest;
import io.onggi.proto.RemoveImageRequest;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Images as volumes (KEP-4639), and images of many layers. */
@ExtendWith(SharedNode.class)
class ImageVolumeContractTest {
  private static final int LAYERS = 120;

  private final Node node;

  ImageVolumeContractTest(Node node) {
    this.node = node;
  }

  private static Consumer<ContainerConfig.Builder> volume(
      String image, String inside, Consumer<Mount.Builder> change) {
    Mount.Builder mount =
        Mount.newBuilder()
            .setContainerPath(inside)
            .setReadonly(true)
            .setImage(ImageSpec.newBuilder().setImage(image).setUserSpecifiedImage("models:1"));
    change.accept(mount);
    return c -> c.addMounts(mount);
  }

  private static TestImage models() {
    return new TestImage()
        .file("models/small/weights", "small weights")
        .file("models/large/weights", "large weights")
        .file("models/small/weights", "newer small weights");
  }

  private void remove(String image) {
    node.cri()
        .images()
        .removeImage(
            RemoveImageRequest.newBuilder()
                .setImage(ImageSpec.newBuilder().setImage(image))
                .build());
  }

  @Test
  void c29_anImageIsAReadOnlyVolumeOfAllItsLayersAndMayHoldPrograms() {
    try (Registry registry = new Registry();
        Pod pod = Pod.run(node)) {
      String id = registry.pull(node, registry.push("volume/models:1", models()));
      String container =
          pod.start(
              "c",
              volume(id, "/models", _ -> {})
                  .andThen(volume(Node.IMAGE, "/tools", _ -> {}))
                  .andThen(volume(id, "/small", m -> m.setImageSubPath("models/small")))
                  .andThen(
                      volume(id, "/one/file", m -> m.setImageSubPath("models/large/weights"))));
      assertEquals("newer small weights", pod.sh(container, "cat /models/models/small/weights"));
      assertEquals("large weights", pod.sh(container, "cat /models/models/large/weights"));
      assertEquals("weights", pod.sh(container, "ls /small"));
      assertEquals("newer small weights", pod.sh(container, "cat /small/weights"));
      assertEquals("large weights", pod.sh(container, "cat /one/file"));
      for (String path : List.of("/models/new", "/models/models/new", "/small/new", "/tools/new")) {
        pod.shFails(container, "touch " + path);
      }
      pod.shFails(container, "echo more >>/one/file");
      assertEquals("run", pod.sh(container, "/tools/bin/sh -c 'echo run'"), "not noexec");
      remove(id);
    }
  }

  @Test
  void c29_theStatusNamesTheImageByItsId() {
    try (Registry registry = new Registry();
        Pod pod = Pod.run(node)) {
      String tag = registry.push("volume/status:1", models());
      String id = registry.pull(node, tag);
      String container =
          pod.create(
              "c",
              volume(id, "/models", m -> m.setImageSubPath("models"))
                  .andThen(
                      volume(tag, "/by-tag", m -> m.getImageBuilder().clearUserSpecifiedImage())));
      List<Mount> mounts = pod.status(container).getMountsList();
      Mount asked =
          Mount.newBuilder()
              .setContainerPath("/models")
              .setReadonly(true)
              .setImage(
                  ImageSpec.newBuilder()
                      .setImage(id)
                      .setUserSpecifiedImage("models:1")
                      .setImageRef(id))
              .setImageSubPath("models")
              .build();
      assertEquals(asked, mounts.getFirst());
      assertEquals(
          ImageSpec.newBuilder().setImage(id).setUserSpecifiedImage(tag).setImageRef(id).build(),
          mounts.getLast().getImage());
      remove(id);
    }
  }

  @Test
  void c29_aRemovedImageStaysForItsContainersAlsoForOneThatStartsOnlyThen() {
    try (Registry registry = new Registry();
        Pod pod = Pod.run(node)) {
      String models = registry.pull(node, registry.push("volume/held:1", models()));
      String own =
          registry.pull(
              node, registry.push("volume/own:1", TestImage.onDemo().file("etc/own", "its own")));
      String running = pod.start("running", volume(models, "/models", _ -> {}));
      String created =
          pod.create(
              "created",
              volume(models, "/models", _ -> {})
                  .andThen(c -> c.setImage(ImageSpec.newBuilder().setImage(own))));
      remove(models);
      remove(own);
      assertEquals("large weights", pod.sh(running, "cat /models/models/large/weights"));
      pod.begin(created);
      assertEquals(
          "its ownlarge weights",
          pod.sh(created, "echo $(cat /etc/own /models/models/large/weights)"));
      StatusRuntimeException gone =
          assertThrows(
              StatusRuntimeException.class,
              () -> pod.create("late", volume(models, "/models", _ -> {})));
      assertEquals(Status.Code.NOT_FOUND, gone.getStatus().getCode());
      for (String container : List.of(running, created)) {
        node.cri()
            .runtime()
            .removeContainer(RemoveContainerRequest.newBuilder().setContainerId(container).build());
      }
    }
  }

  @Test
  void c29_whatCannotBeMountedIsToldAtOnceAsTheKubeletReadsIt() {
    try (Pod pod = Pod.run(node)) {
      StatusRuntimeException absent =
          assertThrows(
              StatusRuntimeException.class,
              () -> pod.create("c", volume("example.org/not/here:1", "/models", _ -> {})));
      assertEquals(Status.Code.NOT_FOUND, absent.getStatus().getCode());
      String said = String.valueOf(absent.getStatus().getDescription());
      assertTrue(said.startsWith("ImageVolumeMountFailed: "), said);
      assertTrue(said.contains("example.org/not/here:1") && said.contains("/models"), said);
      for (String part : List.of("not/here", "etc/passwd/below")) {
        StatusRuntimeException failed =
            assertThrows(
                StatusRuntimeException.class,
                () -> pod.create("c", volume(Node.IMAGE, "/models", m -> m.setImageSubPath(part))));
        assertEquals(Status.Code.INVALID_ARGUMENT, failed.getStatus().getCode());
        String why = String.valueOf(failed.getStatus().getDescription());
        assertTrue(why.startsWith("ImageVolumeMountFailed: "), why);
        assertTrue(why.contains("image_sub_path \"" + part + "\" is not in image"), why);
      }
      assertEquals(
          List.of(),
          node.cri()
              .runtime()
              .listContainers(ListContainersRequest.getDefaultInstance())
              .getContainersList(),
          "a failed create leaves nothing");
    }
  }

  @Test
  void c29_whatAnImageVolumeCannotBeIsRefusedByField() {
    try (Pod pod = Pod.run(node)) {
      refused(pod, "host_path", m -> m.setHostPath(pod.hostFolder("data").toString()));
      refused(pod, "readonly", m -> m.setReadonly(false));
      refused(pod, "selinux_relabel", m -> m.setSelinuxRelabel(true));
      refused(
          pod,
          "propagation",
          m -> m.setPropagation(MountPropagation.PROPAGATION_HOST_TO_CONTAINER));
      refused(pod, "image_sub_path", m -> m.setImageSubPath("/etc"));
      refused(pod, "image_sub_path", m -> m.setImageSubPath("a/../../etc"));
      refused(pod, "image_sub_path", m -> m.clearImage().setHostPath("/tmp").setImageSubPath("a"));
      refused(pod, "runtime_handler", m -> m.getImageBuilder().setRuntimeHandler("none-such"));
      refused(pod, "rw", m -> m.addMountOptions("rw"));
    }
  }

  private static void refused(Pod pod, String field, Consumer<Mount.Builder> change) {
    Fails.invalid(field, () -> pod.create("c", volume(Node.IMAGE, "/models", change)));
  }

  @Test
  void imageVolumes_anImageOfAHundredAndTwentyLayersRunsAndIsAVolume() {
    TestImage many = TestImage.onDemo();
    for (int i = 0; i < LAYERS; i++) {
      many.file("layers/" + i, Integer.toString(i)).file("layers/last", Integer.toString(i));
    }
    try (Registry registry = new Registry();
        Pod pod = Pod.run(node)) {
      String id = registry.pull(node, registry.push("volume/many:1", many));
      String container =
          pod.start(
              "c",
              volume(id, "/volume", m -> m.setImageSubPath("layers"))
                  .andThen(c -> c.setImage(ImageSpec.newBuilder().setImage(id))));
      String both = "ls /layers | wc -l; ls /volume | wc -l; cat /layers/last /volume/last";
      assertEquals("121\n121\n119119", pod.sh(container, both));
      remove(id);
    }
  }

  @Test
  void imageVolumes_aVolumeOfTheImageItselfIsWritableAlsoInAReadOnlyRoot() {
    TestImage image =
        TestImage.onDemo()
            .file("var/cache/app/seed", "seed")
            .volume("/var/cache/app/")
            .volume("new");
    try (Registry registry = new Registry();
        Pod pod = Pod.run(node)) {
      String id = registry.pull(node, registry.push("volume/own-volumes:1", image));
      Consumer<ContainerConfig.Builder> own = c -> c.setImage(ImageSpec.newBuilder().setImage(id));
      String strict =
          pod.start(
              "strict",
              own.andThen(
                  c -> c.getLinuxBuilder().getSecurityContextBuilder().setReadonlyRootfs(true)));
      pod.shFails(strict, "touch /etc/x");
      assertEquals("seednew", pod.sh(strict, "cd /var/cache/app && echo new >f && cat seed f"));
      pod.sh(strict, "touch /new/f");
      String plain = pod.start("plain", own);
      assertEquals("seed", pod.sh(plain, "ls /new; cat /var/cache/app/seed"), "not shared");
      String covered =
          pod.start(
              "covered",
              own.andThen(
                  c ->
                      c.addMounts(
                          Mount.newBuilder()
                              .setContainerPath("/var/cache")
                              .setHostPath(pod.hostFolder("cache").toString()))));
      assertEquals("", pod.sh(covered, "ls /var/cache"), "a mount's content decides");
      remove(id);
    }
  }

  @Test
  void imageVolumes_outliveTheDaemonAlsoWhenTheirImageWasRemovedBefore() throws IOException {
    Node first = Node.start(List.of("--pod-cidr=10.84.0.0/24"), true);
    try (Registry registry = new Registry()) {
      String id = registry.pull(first, registry.push("volume/restart:1", models()));
      Pod pod = Pod.run(first);
      Consumer<ContainerConfig.Builder> small =
          volume(id, "/small", m -> m.setImageSubPath("models/small"));
      String running = pod.start("running", small);
      String created = pod.create("created", small);
      first
          .cri()
          .images()
          .removeImage(
              RemoveImageRequest.newBuilder()
                  .setImage(ImageSpec.newBuilder().setImage(id))
                  .build());
      try (Node second = first.restart(true, () -> {})) {
        Pod again = pod.on(second);
        again.begin(created);
        for (String container : List.of(running, created)) {
          assertEquals("newer small weights", again.sh(container, "cat /small/weights"));
          assertEquals(id, again.status(container).getMounts(0).getImage().getImage());
        }
        again.close();
      }
    }
  }
}
