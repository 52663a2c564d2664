package io.onggi.network;

import java.nio.file.Path;
import java.util.List;

/**
 * A sandbox that wants to be on the network.
 *
 * @param netns its pinned network namespace
 * @param ports those with a host port are mapped, the others are only kept
 * @param pod whose sandbox it is
 */
public record AttachRequest(
    String sandboxId, Path netns, List<PortMapping> ports, PodIdentity pod) {
  public AttachRequest {
    ports = List.copyOf(ports);
  }

  /** For a sandbox that is nobody's pod. */
  public AttachRequest(String sandboxId, Path netns, List<PortMapping> ports) {
    this(sandboxId, netns, ports, PodIdentity.NONE);
  }
}
