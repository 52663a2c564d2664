package io.onggi.network.cni;

import java.nio.file.Path;
import java.time.Duration;

/**
 * @param configurations directory of conflists, /etc/cni/net.d
 * @param attachments directory of what is attached; kept over a boot
 * @param pluginLimit for one plugin of an ADD or CHECK
 * @param firstDelLimit for one plugin of the DEL that a StopPodSandbox waits for
 * @param firstRetry after a DEL that failed; doubled each time
 * @param lastRetry the longest wait between two tries of a DEL
 */
public record CniSettings(
    Path configurations,
    Path attachments,
    Duration pluginLimit,
    Duration firstDelLimit,
    Duration firstRetry,
    Duration lastRetry) {

  /** What holds on a node. */
  public static CniSettings of(Path configurations, Path attachments) {
    return new CniSettings(
        configurations,
        attachments,
        Duration.ofSeconds(60),
        Duration.ofSeconds(5),
        Duration.ofSeconds(1),
        Duration.ofMinutes(1));
  }
}
