package io.onggi.launch;

import java.nio.file.Path;

/** Finds live shims by their socket: after the start, and after a restart of the daemon. */
public interface ShimConnector {
  /**
   * A handle on the shim behind {@code socket}; holds no connection and no thread. Each call of the
   * handle makes its own connection.
   *
   * @param subject as messages name it: {@code container 4f2a...}
   */
  Shim connect(String subject, Path socket);
}
