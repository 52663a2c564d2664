package io.onggi.e2e.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.onggi.e2e.Node;
import io.onggi.e2e.TarGz;
import io.onggi.proto.FilesystemUsage;
import io.onggi.proto.ImageFilter;
import io.onggi.proto.ImageFsInfoRequest;
import io.onggi.proto.ImageFsInfoResponse;
import io.onggi.proto.ImageSpec;
import io.onggi.proto.ImageStatusRequest;
import io.onggi.proto.ImageStatusResponse;
import io.onggi.proto.ListImagesRequest;
import io.onggi.proto.PullImageRequest;
import io.onggi.proto.RemoveImageRequest;
import io.onggi.proto.Signal;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The image RPCs against a registry of this test. */
@ExtendWith(SharedNode.class)
class ImageContractTest {
  private static final String ZEROS = "sha256:" + "0".repeat(64);

  private final Node node;
  private final Registry registry = new Registry();

  ImageContractTest(Node node) {
    this.node = node;
  }

  /** Only the demo's image is there before and after. */
  @BeforeEach
  @AfterEach
  void removeAllButTheDemo() {
    for (io.onggi.proto.Image image : list("")) {
      if (!image.getRepoTagsList().contains(Node.IMAGE)) {
        remove(image.getId());
      }
    }
  }

  @AfterEach
  void close() {
    registry.close();
  }

  private static TestImage image(String content) {
    return new TestImage().file("file", content);
  }

  private ImageStatusResponse status(String any, boolean verbose) {
    return node.cri()
        .images()
        .imageStatus(
            ImageStatusRequest.newBuilder()
                .setImage(ImageSpec.newBuilder().setImage(any))
                .setVerbose(verbose)
                .build());
  }

  private boolean isThere(String any) {
    return status(any, false).hasImage();
  }

  private void remove(String any) {
    node.cri()
        .images()
        .removeImage(
            RemoveImageRequest.newBuilder().setImage(ImageSpec.newBuilder().setImage(any)).build());
  }

  private List<io.onggi.proto.Image> list(String filter) {
    return node.cri()
        .images()
        .listImages(
            ListImagesRequest.newBuilder()
                .setFilter(
                    ImageFilter.newBuilder().setImage(ImageSpec.newBuilder().setImage(filter)))
                .build())
        .getImagesList();
  }

  @Test
  void c39_statusOfAMissingImageIsNoImageAndNoError() {
    for (String missing :
        List.of("docker.io/library/none:1", "none", ZEROS, "none@" + ZEROS, "no:thing:at all")) {
      assertFalse(isThere(missing), missing);
    }
  }

  @Test
  void c40_removingTwiceOrAnUnknownImageSucceeds() {
    String reference = registry.push("forty/image:1", image("40"));
    String id = registry.pull(node, reference);
    remove(reference);
    remove(reference);
    remove(id);
    remove(ZEROS);
    remove(ZEROS);
    remove("docker.io/library/none:1");
  }

  @Test
  void c40_removingAtTheSameTimeSucceedsForAllAndItIsGoneForEach() {
    String id = registry.pull(node, registry.push("forty/image:1", image("40")));
    Set<Boolean> there =
        Together.run(
            5,
            () -> {
              remove(id);
              return isThere(id);
            });
    assertEquals(Set.of(false), there);
  }

  @Test
  void c41_removingOneTagRemovesAllTagsOfTheImageAlsoInOtherRepositories() {
    TestImage image = image("41");
    List<String> names =
        List.of(
            registry.push("one/image:1", image),
            registry.push("one/image:2", image),
            registry.push("other/image:3", image));
    Set<String> ids =
        names.stream().map(name -> registry.pull(node, name)).collect(Collectors.toSet());
    assertEquals(1, ids.size());
    assertEquals(
        Set.copyOf(names), Set.copyOf(status(names.get(1), false).getImage().getRepoTagsList()));
    remove(names.get(1));
    names.forEach(name -> assertFalse(isThere(name), name));
    assertFalse(isThere(ids.iterator().next()));
  }

  @Test
  void c42_aRemovedImageIsNowhereAtOnceAlsoWhenAContainerUsesIt() {
    String reference =
        registry.push("files/image:1", TestImage.onDemo().file("new", "in the image"));
    String id = registry.pull(node, reference);
    try (Pod pod = Pod.run(node)) {
      String container = pod.start("c", c -> c.getImageBuilder().setImage(reference));
      remove(reference);
      assertFalse(isThere(reference));
      assertFalse(isThere(id));
      assertTrue(list("").stream().noneMatch(i -> i.getId().equals(id)));
      assertTrue(list(reference).isEmpty());
      // What runs goes on, and can come again from what it holds.
      assertEquals("in the image", pod.sh(container, "cat /new"));
      assertEquals(id, pod.status(container).getImageId());
      Fails.notFound(
          reference, () -> pod.create("late", c -> c.getImageBuilder().setImage(reference)));
    }
    assertEquals(id, registry.pull(node, reference));
    assertTrue(isThere(id));
  }

  @Test
  void c43_theIdIsThePullsAnswerAndIdTagAndDigestAreTheSameImage() {
    TestImage image = image("43");
    String reference = registry.push("forty/three:1", image);
    String id = registry.pull(node, reference);
    assertEquals(image.id(), id);
    io.onggi.proto.Image byId = status(id, false).getImage();
    assertEquals(id, byId.getId());
    assertTrue(byId.getSize() > 0);
    assertEquals(List.of(reference), byId.getRepoTagsList());
    assertEquals(List.of(registry.byDigest("forty/three:1", image)), byId.getRepoDigestsList());
    assertEquals(byId, status(reference, false).getImage());
    assertEquals(byId, status(registry.byDigest("forty/three:1", image), false).getImage());
    assertEquals(byId, status(id.substring("sha256:".length()), false).getImage());
    assertEquals(List.of(byId), list(reference));
    assertEquals(List.of(byId), list(id));
    assertTrue(list("").contains(byId));
    assertFalse(byId.hasUid() && !byId.getUsername().isEmpty());
  }

  @Test
  void c43_anImageHasAUidOrAUsernameNeverBoth() {
    record Case(String user, long uid, String name) {}
    for (Case wanted :
        List.of(
            new Case("1002", 1002, ""),
            new Case("1003:1004", 1003, ""),
            new Case("www-data", -1, "www-data"),
            new Case("www-data:100", -1, "www-data"),
            new Case("", -1, ""))) {
      String reference = registry.push("user/image:1", image("43").user(wanted.user()));
      registry.pull(node, reference);
      io.onggi.proto.Image image = status(reference, false).getImage();
      assertEquals(wanted.name(), image.getUsername(), wanted.toString());
      assertEquals(
          wanted.uid(), image.hasUid() ? image.getUid().getValue() : -1, wanted.toString());
      remove(reference);
    }
  }

  @Test
  void c43_anImagePulledByDigestHasNoTagUntilOneIsPulled() {
    TestImage image = image("digest");
    String tag = registry.push("by/digest:1", image);
    String digest = registry.byDigest("by/digest:1", image);
    String id = registry.pull(node, digest);
    assertEquals(List.of(), status(id, false).getImage().getRepoTagsList());
    assertEquals(List.of(digest), status(digest, false).getImage().getRepoDigestsList());
    assertFalse(isThere(tag));
    assertEquals(id, registry.pull(node, tag));
    assertEquals(List.of(tag), status(id, false).getImage().getRepoTagsList());
  }

  @Test
  void c43_aTagThatMovesNamesTheNewImage() {
    String reference = registry.push("moving/tag:1", image("old"));
    String old = registry.pull(node, reference);
    registry.push("moving/tag:1", image("new"));
    String now = registry.pull(node, reference);
    assertFalse(old.equals(now));
    assertEquals(now, status(reference, false).getImage().getId());
    assertEquals(List.of(), status(old, false).getImage().getRepoTagsList());
  }

  @Test
  void c44_noImageIsPinnedUnlessTheConfigurationSaysSo() {
    assertTrue(list("").stream().noneMatch(io.onggi.proto.Image::getPinned));
  }

  @Test
  void c45_anUnknownRuntimeHandlerInAnImagesNameIsRefused() {
    String reference = registry.push("handler/image:1", image("45"));
    ImageSpec.Builder spec = ImageSpec.newBuilder().setImage(reference);
    ImageSpec unknown = spec.setRuntimeHandler("kata").build();
    Fails.invalid(
        "kata",
        () ->
            node.cri().images().pullImage(PullImageRequest.newBuilder().setImage(unknown).build()));
    Fails.invalid(
        "kata",
        () ->
            node.cri()
                .images()
                .imageStatus(ImageStatusRequest.newBuilder().setImage(unknown).build()));
    Fails.invalid(
        "kata",
        () ->
            node.cri()
                .images()
                .removeImage(RemoveImageRequest.newBuilder().setImage(unknown).build()));
    assertEquals(0, registry.blobRequests());
    node.cri()
        .images()
        .pullImage(PullImageRequest.newBuilder().setImage(spec.setRuntimeHandler("onggi")).build());
    assertTrue(isThere(reference));
  }

  @Test
  void c46_imageStatusHasInfoOnlyWhenVerboseAndItIsJson() {
    assertEquals(0, status(Node.IMAGE, false).getInfoCount());
    ImageStatusResponse verbose = status(Node.IMAGE, true);
    assertFalse(verbose.getInfoMap().isEmpty());
    verbose.getInfoMap().values().forEach(v -> assertTrue(Json.isObject(v), v));
    assertEquals(0, status("none", true).getInfoCount());
  }

  @Test
  void c47_imageFsInfoGrowsByAnImageAndHasTheTime() {
    FilesystemUsage before = fs().getImageFilesystems(0);
    assertTrue(before.getTimestamp() > 0);
    assertTrue(before.getUsedBytes().getValue() > 0);
    assertTrue(before.getFsId().getMountpoint().startsWith(node.folder().toString()));
    String reference =
        registry.push("large/image:1", new TestImage().file("noise", TarGz.noise(3_000_000)));
    registry.pull(node, reference);
    FilesystemUsage after = fs().getImageFilesystems(0);
    long grown = after.getUsedBytes().getValue() - before.getUsedBytes().getValue();
    assertTrue(grown >= 3_000_000 && grown < 9_000_000, () -> "grown by " + grown);
    assertTrue(after.getInodesUsed().getValue() > before.getInodesUsed().getValue());
    remove(reference);
    Await.until(
        () -> "the image's bytes are still used: " + fs(),
        () ->
            fs().getImageFilesystems(0).getUsedBytes().getValue()
                <= before.getUsedBytes().getValue());
    assertFalse(fs().getContainerFilesystemsList().isEmpty());
  }

  private ImageFsInfoResponse fs() {
    return node.cri().images().imageFsInfo(ImageFsInfoRequest.getDefaultInstance());
  }

  @Test
  void pull_aDeadlineThatPassesIsDeadlineExceededAndTheNextPullJoins() {
    String reference = registry.push("slow/image:1", image("slow"));
    registry.shut();
    StatusRuntimeException late =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                node.cri()
                    .images()
                    .withDeadlineAfter(1, TimeUnit.MILLISECONDS)
                    .pullImage(
                        PullImageRequest.newBuilder()
                            .setImage(ImageSpec.newBuilder().setImage(reference))
                            .build()));
    assertEquals(Status.Code.DEADLINE_EXCEEDED, late.getStatus().getCode());
    assertFalse(isThere(reference));
    registry.open();
    registry.pull(node, reference);
    assertTrue(isThere(reference));
  }

  @Test
  void pull_atTheSameTimeIsOnePull() throws Exception {
    TestImage image = image("together");
    String reference = registry.push("together/image:1", image);
    registry.shut();
    try (ExecutorService opener = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Set<String>> ids =
          opener.submit(() -> Together.run(8, () -> registry.pull(node, reference)));
      Await.until(() -> "nobody asks the registry", registry::isAsked);
      registry.open();
      assertEquals(Set.of(image.id()), ids.get());
    }
    assertTrue(registry.blobRequests() <= 4, () -> "requests: " + registry.blobRequests());
  }

  @Test
  void pull_whatTheRegistryHasNotIsNotFoundAndNamesIt() {
    String reference = registry.push("here/image:1", image("here"));
    String other = reference.substring(0, reference.lastIndexOf(':')) + ":none";
    Fails.notFound("here/image:none", () -> registry.pull(node, other));
  }

  @Test
  void image_userAndStopSignalOfTheImageAreUsed() {
    String reference =
        registry.push("config/image:1", TestImage.onDemo().user("www-data").stopSignal("SIGUSR2"));
    registry.pull(node, reference);
    try (Pod pod = Pod.run(node)) {
      String container = pod.start("c", c -> c.getImageBuilder().setImage(reference));
      assertEquals("33", pod.sh(container, "/bin/busybox id -u"));
      assertEquals(33, pod.status(container).getUser().getLinux().getUid());
      assertEquals(Signal.SIGNAL_SIGUSR2, pod.status(container).getStopSignal());
    }
  }
}
