package io.onggi.container.seccomp;

import io.onggi.error.CriException;
import java.util.Set;

/** Fuzz target: seccomp profiles of a file, read, resolved and compiled for both machines. */
public final class ProfileFuzz {
  private ProfileFuzz() {}

  /** Called by Jazzer. */
  public static void fuzzerTestOneInput(byte[] data) {
    try {
      ProfileDocument document = ProfileReader.read("/etc/p.json", data);
      for (Machine machine : Machine.values()) {
        SeccompProfile profile =
            document.resolve(new Target(machine, Set.of("CAP_SYS_ADMIN"), 6, 1));
        FilterCompiler.compile(profile, machine);
      }
    } catch (CriException.InvalidArgument e) {
      if (!String.valueOf(e.getMessage()).startsWith("seccomp")) {
        throw new AssertionError("the message names no profile", e);
      }
    }
  }
}
