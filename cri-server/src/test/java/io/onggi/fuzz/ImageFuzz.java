package io.onggi.fuzz;

import io.onggi.error.CriException;
import io.onggi.image.content.BadContent;
import io.onggi.image.content.ImageConfig;
import io.onggi.image.content.ImageReference;
import io.onggi.image.content.Manifest;
import java.nio.charset.StandardCharsets;

/** Fuzz target: what a registry or an archive says of an image, and what people call one. */
public final class ImageFuzz {
  private ImageFuzz() {}

  /** Called by Jazzer. */
  public static void fuzzerTestOneInput(byte[] data) {
    reference(new String(data, StandardCharsets.UTF_8));
    bad(() -> ImageConfig.parse("config", data));
    bad(() -> Manifest.parse("manifest", Manifest.DOCKER_MANIFEST, data));
    bad(() -> Manifest.parse("manifest", "", data));
  }

  /** A name that is taken is the same when it is read again in its full form. */
  private static void reference(String text) {
    ImageReference reference;
    try {
      reference = ImageReference.parse(text);
    } catch (CriException.InvalidArgument _) {
      return;
    }
    if (!ImageReference.parse(reference.toString()).equals(reference)) {
      throw new AssertionError(text + " is another when read again: " + reference);
    }
  }

  private static void bad(Runnable read) {
    try {
      read.run();
    } catch (BadContent | CriException.InvalidArgument _) {
      return; // refused as it should be
    }
  }
}
