package io.onggi.container;

import io.onggi.container.ContainerSpec.Propagation;
import io.onggi.error.CriException;
import java.util.List;
import java.util.Optional;

/** What one mount may not ask for together (CRI Mount and its comments). */
final class MountRules {
  private MountRules() {}

  static void check(
      String containerPath,
      String hostPath,
      boolean readOnly,
      Propagation propagation,
      boolean selinuxRelabel,
      List<String> options,
      Optional<ImageVolume> image) {
    String mount = "mount for " + containerPath;
    if (image.isPresent()) {
      if (!hostPath.isEmpty()) {
        throw new CriException.InvalidArgument(
            mount + " has both host_path and image; set one of them");
      }
      if (!readOnly) {
        throw new CriException.InvalidArgument(
            mount + ": an image is mounted read-only; set readonly");
      }
      if (propagation != Propagation.PRIVATE) {
        throw new CriException.InvalidArgument(
            mount + ": propagation is for host paths; an image's must be PRIVATE");
      }
      if (selinuxRelabel) {
        throw new CriException.InvalidArgument(
            mount + ": selinux_relabel is for host paths; an image belongs to many containers");
      }
    }
    Optional<String> fixed =
        image.isPresent()
            ? Optional.of("that an image is mounted read-only")
            : readOnly ? Optional.of("readonly") : Optional.empty();
    BindOptions.check(mount, options, fixed);
  }
}
