package io.onggi.container;

import io.onggi.error.CriException;
import java.util.Arrays;
import java.util.Map;

/**
 * An image that is mounted as a volume (CRI Mount.image, KEP-4639).
 *
 * @param image as asked for; once the container is made the image's id, which is what the kubelet
 *     compares
 * @param userImage what the user wrote; may be empty
 * @param imageRef the image's id once the container is made (KEP-5365)
 * @param subPath relative path within the image that is mounted in place of its root; empty: the
 *     root
 */
public record ImageVolume(
    String image,
    String userImage,
    Map<String, String> annotations,
    String runtimeHandler,
    String imageRef,
    String subPath) {
  public ImageVolume {
    annotations = Map.copyOf(annotations);
    if (subPath.startsWith("/") || Arrays.asList(subPath.split("/")).contains("..")) {
      throw new CriException.InvalidArgument(
          "image_sub_path \"" + subPath + "\" must be relative to the image's root and without ..");
    }
    if (subPath.indexOf('\0') >= 0) {
      throw new CriException.InvalidArgument("image_sub_path holds a NUL byte");
    }
  }

  ImageVolume resolved(String id) {
    return new ImageVolume(
        id, userImage.isEmpty() ? image : userImage, annotations, runtimeHandler, id, subPath);
  }
}
