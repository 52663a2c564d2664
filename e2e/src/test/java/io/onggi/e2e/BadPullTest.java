package io.onggi.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.StatusRuntimeException;
import io.onggi.proto.Image;
import io.onggi.proto.ImageSpec;
import io.onggi.proto.ImageStatusRequest;
import io.onggi.proto.ListImagesRequest;
import io.onggi.proto.PullImageRequest;
import io.onggi.proto.RemoveImageRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Registries and disks that misbehave: the pull says what was wrong and nothing of it stays. */
class BadPullTest {
  private static Node node;

  @BeforeAll
  static void start() {
    node = Node.start(false);
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @Test
  void a_layer_whose_bytes_are_not_those_of_its_digest_is_refused_by_digest() {
    try (FakeRegistry registry = new FakeRegistry(FakeRegistry.Layer.OTHER_BYTES, 100_000);
        Facts before = Facts.of(node)) {
      String said = assertPullFails(node, registry.reference());
      assertTrue(said.contains(registry.layerDigest()), said);
      assertNoImages(node);
      before.assertUnchanged();
    }
  }

  @Test
  void a_truncated_layer_is_refused_by_digest() {
    try (FakeRegistry registry = new FakeRegistry(FakeRegistry.Layer.TRUNCATED, 2_000_000);
        Facts before = Facts.of(node)) {
      String said = assertPullFails(node, registry.reference());
      assertTrue(said.contains(registry.layerDigest()), said);
      assertNoImages(node);
      before.assertUnchanged();
    }
  }

  @Test
  void the_same_image_served_rightly_is_pulled_and_its_id_is_the_reference() { // contract 33, 43
    try (FakeRegistry registry = new FakeRegistry(FakeRegistry.Layer.WHOLE, 100_000)) {
      ImageSpec spec = ImageSpec.newBuilder().setImage(registry.reference()).build();
      String id = pull(node, registry.reference());
      Image image =
          node.cri()
              .images()
              .imageStatus(ImageStatusRequest.newBuilder().setImage(spec).build())
              .getImage();
      assertEquals(id, image.getId());
      assertTrue(image.getSize() > 0);
      assertEquals(List.of(registry.reference()), image.getRepoTagsList());
      node.cri().images().removeImage(RemoveImageRequest.newBuilder().setImage(spec).build());
      assertNoImages(node);
    }
  }

  @Test
  void a_full_disk_is_named_and_what_was_written_is_taken_back() {
    Path folder = Node.newFolder();
    Path small = folder.resolve("small");
    Programs.Result mounted =
        Programs.run(
            List.of(
                "sh", "-c", "mkdir $0 && mount -t tmpfs -o size=6m small $0", small.toString()));
    assertEquals(0, mounted.status(), mounted.output());
    try (FakeRegistry registry = new FakeRegistry(FakeRegistry.Layer.WHOLE, 8_000_000);
        Node full = Node.start(folder, small.resolve("root"), false);
        Facts before = Facts.of(full)) {
      String said = assertPullFails(full, registry.reference());
      assertTrue(said.toLowerCase(Locale.ROOT).contains("no space left"), said);
      assertNoImages(full);
      before.assertUnchanged();
    } finally {
      Programs.run(List.of("umount", small.toString()));
      Programs.run(List.of("rm", "-rf", folder.toString()));
    }
  }

  private static String pull(Node node, String reference) {
    return node.cri()
        .images()
        .pullImage(
            PullImageRequest.newBuilder()
                .setImage(ImageSpec.newBuilder().setImage(reference))
                .build())
        .getImageRef();
  }

  private static String assertPullFails(Node node, String reference) {
    StatusRuntimeException failed =
        assertThrows(StatusRuntimeException.class, () -> pull(node, reference));
    String said = String.valueOf(failed.getMessage());
    assertTrue(said.contains(reference), said);
    assertFalse(said.contains("\tat "), said);
    return said;
  }

  private static void assertNoImages(Node node) {
    assertEquals(
        List.of(),
        node.cri().images().listImages(ListImagesRequest.getDefaultInstance()).getImagesList());
  }
}
