package io.onggi.container;

import io.onggi.container.ContainerSpec.MountSpec;
import io.onggi.error.CriException;
import io.onggi.image.Image;
import io.onggi.image.Images;
import io.onggi.image.content.Digest;
import io.onggi.launch.LaunchException;
import io.onggi.launch.LaunchPlan;
import io.onggi.launch.LaunchRequest;
import io.onggi.launch.LaunchStep;
import io.onggi.launch.MountProbe;
import io.onggi.linux.Errno;
import io.onggi.linux.KernelConstants;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Images as volumes: found, held while the container is there, and looked into before the container
 * is promised. Messages begin as the kubelet recognises them (k8s.io/cri-api pkg/errors,
 * ErrImageVolumeMountFailed).
 */
public final class ImageVolumes {
  private static final String FAILED = "ImageVolumeMountFailed: ";
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Images images;
  private final MountProbe probe;

  ImageVolumes(Images images, MountProbe probe) {
    this.images = images;
    this.probe = probe;
  }

  /** Ids of the images that a container with a resolved spec needs besides its own. */
  public static Stream<Digest> ids(ContainerSpec spec) {
    return spec.mounts().stream()
        .flatMap(m -> m.image().stream())
        .map(v -> Digest.parse(v.image()))
        .distinct();
  }

  /**
   * The same with each volume's image by its id.
   *
   * @throws CriException.NotFound when an image is not on this node
   */
  ContainerSpec resolve(ContainerSpec spec) {
    if (spec.mounts().stream().allMatch(m -> m.image().isEmpty())) {
      return spec;
    }
    return spec.withMounts(spec.mounts().stream().map(m -> resolved(spec, m)).toList());
  }

  private MountSpec resolved(ContainerSpec spec, MountSpec mount) {
    if (mount.image().isEmpty()) {
      return mount;
    }
    ImageVolume volume = mount.image().get();
    Image image =
        images
            .find(volume.image())
            .orElseThrow(
                () ->
                    new CriException.NotFound(
                        place(spec, mount)
                            + "image \""
                            + volume.image()
                            + "\" is not on this node; pull it first"));
    return mount.withImage(volume.resolved(image.id().toString()));
  }

  /** The layers of each volume's image, the topmost first, by the image's id. */
  Map<String, List<Path>> layers(ContainerSpec spec) {
    Map<String, List<Path>> layers = new HashMap<>();
    ids(spec).forEach(id -> layers.put(id.toString(), images.heldLayers(id)));
    return layers;
  }

  /**
   * Looks for every sub path in its image, in a process of its own.
   *
   * @param folder of the container, for the probe's plan and mounts
   * @throws CriException.InvalidArgument naming the sub path that is not there
   */
  void checkSubPaths(ContainerSpec spec, Map<String, List<Path>> layers, Path folder) {
    for (MountSpec mount : spec.mounts()) {
      Optional<ImageVolume> volume = mount.image().filter(v -> !v.subPath().isEmpty());
      if (volume.isPresent()) {
        List<Path> of = layers.getOrDefault(volume.get().image(), List.of());
        checkSubPath(spec, mount, volume.get(), of, folder);
      }
    }
  }

  private void checkSubPath(
      ContainerSpec spec, MountSpec mount, ImageVolume volume, List<Path> layers, Path folder) {
    List<LaunchStep> steps = new ArrayList<>();
    String scratch = folder.toString();
    steps.add(new LaunchStep.Unshare(KernelConstants.CLONE_NEWNS));
    steps.add(new LaunchStep.Propagation(KernelConstants.MS_REC | KernelConstants.MS_PRIVATE));
    steps.add(open(0, layers, scratch));
    steps.add(new LaunchStep.Subtree(0, volume.subPath(), scratch));
    steps.add(new LaunchStep.Probed());
    LaunchPlan plan = LaunchPlan.ofSteps(steps);
    try {
      Path file = folder.resolve("probe");
      probe.probe(new LaunchRequest("container " + spec.title(), file, plan, PATIENCE));
    } catch (LaunchException e) {
      int errno = e.failure().errno();
      String where = place(spec, mount) + "image_sub_path \"" + volume.subPath() + "\" ";
      if (errno == Errno.ENOENT || errno == Errno.ENOTDIR) {
        throw new CriException.InvalidArgument(
            where + "is not in image " + volume.userImage() + " (" + volume.image() + ")", e);
      }
      throw new CriException.Internal(where + "could not be looked for: " + e.getMessage(), e);
    }
  }

  /** An image as a mount in a slot, to be made read-only yet. */
  static LaunchStep open(int slot, List<Path> layers, String scratch) {
    List<String> folders = layers.stream().map(Path::toString).toList();
    return folders.size() == 1
        ? new LaunchStep.OpenTree(slot, false, folders.getFirst())
        : new LaunchStep.Overlay(slot, 0, Optional.empty(), folders, List.of(), scratch);
  }

  private static String place(ContainerSpec spec, MountSpec mount) {
    return FAILED + "container " + spec.title() + ": mount for " + mount.containerPath() + ": ";
  }
}
