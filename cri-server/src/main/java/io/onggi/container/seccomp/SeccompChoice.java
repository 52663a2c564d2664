package io.onggi.container.seccomp;

import io.onggi.error.CriException;

/** Which seccomp profile a container asks for (CRI SecurityProfile). */
public sealed interface SeccompChoice {

  /** No filter. */
  record Unconfined() implements SeccompChoice {}

  /** Onggi's own profile, runtime-default.json. */
  record RuntimeDefault() implements SeccompChoice {}

  /** A profile file of the host; {@code path} is absolute. */
  record Localhost(String path) implements SeccompChoice {
    public Localhost {
      if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
        throw new CriException.InvalidArgument(
            "seccomp: localhost_ref \"" + path + "\" must be the absolute path of a profile file");
      }
    }
  }
}
