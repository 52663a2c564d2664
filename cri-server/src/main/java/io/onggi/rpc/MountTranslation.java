package io.onggi.rpc;

import io.onggi.container.ContainerSpec.MountSpec;
import io.onggi.container.ContainerSpec.Propagation;
import io.onggi.container.ImageVolume;
import io.onggi.error.CriException;
import io.onggi.proto.ImageSpec;
import io.onggi.proto.Mount;
import io.onggi.proto.MountPropagation;
import io.onggi.sandbox.UserMapping;
import java.util.Optional;

/** CRI's Mount as a {@link MountSpec}, and back as it was given. */
final class MountTranslation {
  private MountTranslation() {}

  /**
   * @param title of the container, for messages
   * @param user of the pod
   */
  static MountSpec spec(String title, Mount mount, Optional<UserMapping> user) {
    boolean idMapped = UserNamespaces.idMapped(title, mount, user);
    try {
      return new MountSpec(
          mount.getContainerPath(),
          mount.getHostPath(),
          mount.getReadonly(),
          mount.getRecursiveReadOnly(),
          propagation(mount),
          mount.getSelinuxRelabel(),
          mount.getMountOptionsList(),
          image(mount),
          idMapped);
    } catch (CriException.InvalidArgument e) {
      throw new CriException.InvalidArgument(title + ": " + e.getMessage(), e);
    }
  }

  private static Propagation propagation(Mount mount) {
    return switch (mount.getPropagation()) {
      case PROPAGATION_PRIVATE -> Propagation.PRIVATE;
      case PROPAGATION_HOST_TO_CONTAINER -> Propagation.HOST_TO_CONTAINER;
      case PROPAGATION_BIDIRECTIONAL -> Propagation.BIDIRECTIONAL;
      case UNRECOGNIZED ->
          throw new CriException.InvalidArgument(
              "mount for "
                  + mount.getContainerPath()
                  + ": propagation "
                  + mount.getPropagationValue()
                  + " is unknown");
    };
  }

  /** An image without a name is none: clients in other languages send empty messages. */
  private static Optional<ImageVolume> image(Mount mount) {
    ImageSpec image = mount.getImage();
    String place = "mount for " + mount.getContainerPath();
    if (image.getImage().isEmpty()) {
      if (!mount.getImageSubPath().isEmpty()) {
        throw new CriException.InvalidArgument(
            place + ": image_sub_path is set without image; name the image");
      }
      if (mount.getHostPath().isEmpty()) {
        throw new CriException.InvalidArgument(
            place + " has neither host_path nor image; set one of them");
      }
      return Optional.empty();
    }
    if (!SandboxTranslation.HANDLERS.contains(image.getRuntimeHandler())) {
      throw new CriException.InvalidArgument(
          place
              + ": image.runtime_handler \""
              + image.getRuntimeHandler()
              + "\" is unknown; there are "
              + SandboxTranslation.HANDLERS);
    }
    return Optional.of(
        new ImageVolume(
            image.getImage(),
            image.getUserSpecifiedImage(),
            image.getAnnotationsMap(),
            image.getRuntimeHandler(),
            image.getImageRef(),
            mount.getImageSubPath()));
  }

  /** As given; an image by its id. */
  static Mount answer(MountSpec mount, Optional<UserMapping> user) {
    Mount.Builder answer =
        Mount.newBuilder()
            .setContainerPath(mount.containerPath())
            .setHostPath(mount.hostPath())
            .setReadonly(mount.readOnly())
            .setRecursiveReadOnly(mount.recursiveReadOnly())
            .setSelinuxRelabel(mount.selinuxRelabel())
            .addAllMountOptions(mount.options())
            .setPropagation(
                switch (mount.propagation()) {
                  case PRIVATE -> MountPropagation.PROPAGATION_PRIVATE;
                  case HOST_TO_CONTAINER -> MountPropagation.PROPAGATION_HOST_TO_CONTAINER;
                  case BIDIRECTIONAL -> MountPropagation.PROPAGATION_BIDIRECTIONAL;
                });
    if (mount.idMapped()) {
      user.ifPresent(
          u ->
              answer
                  .addUidMappings(UserNamespaces.answer(u.uids()))
                  .addGidMappings(UserNamespaces.answer(u.gids())));
    }
    mount.image().ifPresent(v -> answer.setImage(image(v)).setImageSubPath(v.subPath()));
    return answer.build();
  }

  private static ImageSpec image(ImageVolume volume) {
    return ImageSpec.newBuilder()
        .setImage(volume.image())
        .setUserSpecifiedImage(volume.userImage())
        .putAllAnnotations(volume.annotations())
        .setRuntimeHandler(volume.runtimeHandler())
        .setImageRef(volume.imageRef())
        .build();
  }
}
