package io.onggi.container.seccomp;

import io.onggi.error.CriException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/** What a container asked for, as a profile for this machine and its capabilities. */
public final class SeccompProfiles {
  private static final String DEFAULT = "runtime-default.json";

  /** Read at the first container that asks for it, not at the daemon's start. */
  private static final class Default {
    static final ProfileDocument DOCUMENT = runtimeDefault();
  }

  /**
   * @param capabilities CAP_ names of the container's bounding set
   * @return empty: no filter
   * @throws CriException.InvalidArgument when the file is missing or malformed; names file and key
   */
  public Optional<SeccompProfile> resolve(SeccompChoice choice, Collection<String> capabilities) {
    return switch (choice) {
      case SeccompChoice.Unconfined _ -> Optional.empty();
      case SeccompChoice.RuntimeDefault _ ->
          Optional.of(Default.DOCUMENT.resolve(Target.current(Set.copyOf(capabilities))));
      case SeccompChoice.Localhost localhost ->
          Optional.of(
              ProfileReader.read(localhost.path(), bytes(localhost.path()))
                  .resolve(Target.current(Set.copyOf(capabilities))));
    };
  }

  private static byte[] bytes(String path) {
    Path file = path(path);
    if (!Files.isRegularFile(file)) {
      // A pipe or device would hold the request for ever.
      throw new CriException.InvalidArgument(
          "seccomp profile "
              + path
              + (Files.exists(file) ? " is no regular file" : " does not exist on this node"));
    }
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(ProfileReader.MAX_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw new CriException.InvalidArgument(
          "seccomp profile " + path + " does not exist on this node", e);
    } catch (IOException e) {
      throw new CriException.InvalidArgument("seccomp profile " + path + ": " + e, e);
    }
  }

  private static Path path(String path) {
    try {
      return Path.of(path);
    } catch (InvalidPathException e) {
      throw new CriException.InvalidArgument(
          "seccomp profile " + path + ": " + e.getReason() + "; name another file", e);
    }
  }

  static ProfileDocument runtimeDefault() {
    try (InputStream in = SeccompProfiles.class.getResourceAsStream(DEFAULT)) {
      if (in == null) {
        throw new IllegalStateException("resource " + DEFAULT + " is missing in this build");
      }
      return ProfileReader.read(DEFAULT, in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("reading resource " + DEFAULT, e);
    }
  }
}
