package io.onggi.network.cni;

import java.util.Optional;

/** Remembers that a network's plugins speak its version: asked once for each configuration. */
final class VersionChecks {
  private Optional<Conflist> good = Optional.empty();

  /**
   * @throws PluginException when a plugin is missing or speaks other versions; asked again next
   *     time
   */
  synchronized void check(Conflist network, Chain chain) {
    if (good.filter(network::equals).isEmpty()) {
      chain.version(network);
      good = Optional.of(network);
    }
  }
}
