package io.onggi.image.content;

import java.util.Locale;
import java.util.Optional;

/** What a manifest is built for (OCI image specification, image-index.md "platform"). */
public record Platform(String os, String architecture, String variant) {

  /** The machine that this daemon runs on. */
  public static Platform host() {
    return forMachine(System.getProperty("os.arch", "amd64"));
  }

  static Platform forMachine(String osArch) {
    return switch (osArch.toLowerCase(Locale.ROOT)) {
      case "aarch64", "arm64" -> new Platform("linux", "arm64", "v8");
      default -> new Platform("linux", "amd64", "");
    };
  }

  static Platform of(Json json) {
    return new Platform(
        json.string("os", ""), json.string("architecture", ""), json.string("variant", ""));
  }

  static Optional<Platform> ofChild(Json json) {
    return json.child("platform").map(Platform::of);
  }

  /** Whether this host runs content built for {@code other}. */
  public boolean runs(Platform other) {
    return os.equals(other.os)
        && architecture.equals(other.architecture)
        && (other.variant.isEmpty() || other.variant.equals(variant) || other.variant.equals("v1"));
  }

  @Override
  public String toString() {
    return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
  }
}
