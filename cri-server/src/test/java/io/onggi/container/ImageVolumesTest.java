package io.onggi.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.container.ContainerSpec.MountSpec;
import io.onggi.container.ContainerSpec.Propagation;
import io.onggi.error.CriException;
import io.onggi.launch.LaunchStep;
import io.onggi.linux.Errno;
import io.onggi.sandbox.SandboxId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images as volumes through the verbs: found, held, given back. */
class ImageVolumesTest {
  @TempDir private Path folder;
  private ContainerWorld world;
  private SandboxId pod;

  @BeforeEach
  void begin() {
    world = new ContainerWorld(folder);
    world.images.sweep(); // as after a start: from now on what nobody holds goes
    pod = world.sandbox("red");
  }

  @AfterEach
  void end() {
    world.close();
  }

  private ContainerSpec spec(String image, String part) {
    SpecDraft draft = SpecDraft.of(pod, "c");
    draft.mounts.add(
        new MountSpec(
            "/volume",
            "",
            true,
            false,
            Propagation.PRIVATE,
            false,
            List.of(),
            Optional.of(new ImageVolume(image, "", Map.of(), "", "", part))));
    return draft.spec();
  }

  private String imageId() {
    return world.images.find(ContainerWorld.IMAGE).orElseThrow().id().toString();
  }

  @Test
  void aVolumeIsKeptByTheIdOfItsImage() {
    ContainerId id = world.create.create(spec("app:1", ""));
    ImageVolume volume = world.get(id).spec().mounts().getFirst().image().orElseThrow();
    assertEquals(imageId(), volume.image());
    assertEquals(imageId(), volume.imageRef());
    assertEquals("app:1", volume.userImage());
    assertEquals(List.of(), world.probes, "the root of an image needs no look");
  }

  @Test
  void anImageThatIsNotHereFailsAsTheKubeletReadsIt() {
    CriException.NotFound e =
        assertThrows(CriException.NotFound.class, () -> world.create.create(spec("gone:2", "")));
    assertEquals(
        "ImageVolumeMountFailed: container c (attempt 0): mount for /volume: image \"gone:2\" is"
            + " not on this node; pull it first",
        e.getMessage());
    assertEquals(List.of(), world.folders());
  }

  @Test
  void aPartIsLookedForAndAMissingOneLeavesNothing() {
    world.probeErrno = Errno.ENOENT;
    CriException.InvalidArgument e =
        assertThrows(
            CriException.InvalidArgument.class,
            () -> world.create.create(spec("app:1", "no/such")));
    String said = String.valueOf(e.getMessage());
    assertTrue(said.startsWith("ImageVolumeMountFailed: container c"), said);
    assertTrue(said.contains("image_sub_path \"no/such\" is not in image app:1 (sha256:"), said);
    assertTrue(
        world.probes.getFirst().stream()
            .anyMatch(s -> s instanceof LaunchStep.Subtree part && part.path().equals("no/such")));
    assertEquals(List.of(), world.folders());
    assertEquals(List.of(), world.containers.list());
  }

  @Test
  void aPartLiesWithinItsImage() {
    for (String part : List.of("/etc", "a/../../etc", "..", "a\0b")) {
      assertThrows(CriException.InvalidArgument.class, () -> spec("app:1", part), part);
    }
  }

  @Test
  void aRemovedImageStaysForItsVolumesAndItsContainerUntilTheyGo() {
    ContainerId id = world.create.create(spec("app:1", ""));
    Path layer = world.images.layerDirectories(image()).getFirst();
    world.images.remove("app:1");
    assertEquals(Optional.empty(), world.images.find("app:1"));
    world.start.start(id.value());
    List<LaunchStep> steps = world.shims.requests().getLast().plan().steps();
    assertTrue(
        steps.contains(new LaunchStep.OpenTree(2, false, layer.toString())), steps.toString());
    assertTrue(Files.isDirectory(layer));
    world.remove.remove(id.value());
    world.images.close(); // what is given back is deleted by then
    assertTrue(Files.notExists(layer), "its layer is left");
  }

  private io.onggi.image.Image image() {
    return world.images.find(ContainerWorld.IMAGE).orElseThrow();
  }
}
