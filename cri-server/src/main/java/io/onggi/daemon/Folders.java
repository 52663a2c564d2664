package io.onggi.daemon;

import io.onggi.daemon.config.DaemonConfig;
import io.onggi.error.CriException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** The folders that the daemon works in. */
final class Folders {
  /** Set by the launcher script: where {@code onggi-shim} is. */
  private static final String SHIM_PROPERTY = "onggi.shim";

  private Folders() {}

  /** Makes what is missing; root's alone, for plans hold the environments of containers. */
  static void prepare(DaemonConfig config) {
    Path root = config.storage().root();
    Path state = config.storage().state();
    List<Path> own =
        List.of(
            root,
            root.resolve("journal"),
            root.resolve("images"),
            root.resolve("containers"),
            root.resolve("trash"),
            state,
            state.resolve("sandboxes"),
            state.resolve("containers"),
            state.resolve("leases"),
            state.resolve("trash"),
            state.resolve("s"));
    for (Path folder : own) {
      makePrivate(folder);
    }
    Path parent = config.server().socket().getParent();
    if (parent != null) {
      make(parent);
    }
  }

  /** A folder that is there keeps the mode that its owner gave it. */
  private static void makePrivate(Path folder) {
    if (Files.isDirectory(folder)) {
      return;
    }
    make(folder);
    try {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    } catch (IOException e) {
      throw new CriException.Internal("setting the mode of " + folder + ": " + e, e);
    }
  }

  private static void make(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new CriException.Internal(
          "cannot make the folder " + folder + ": " + e + "; see --root, --state and --socket", e);
    }
  }

  static Path shimProgram() {
    Path shim = Path.of(System.getProperty(SHIM_PROPERTY, "/usr/local/bin/onggi-shim"));
    if (!Files.isExecutable(shim)) {
      throw new CriException.FailedPrecondition(
          "the shim program "
              + shim
              + " is missing or not executable; start the daemon by its"
              + " script bin/onggid, which knows where it is");
    }
    return shim;
  }
}
