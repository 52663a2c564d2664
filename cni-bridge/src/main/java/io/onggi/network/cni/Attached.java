package io.onggi.network.cni;

import com.google.gson.JsonObject;
import io.onggi.network.PortMapping;
import java.util.List;
import java.util.Optional;

/**
 * A sandbox on a network, or on its way there or back: everything that DEL needs, whatever becomes
 * of the configuration meanwhile.
 *
 * @param network as it was at ADD
 * @param capabilities the values that plugins could ask for
 * @param result of ADD; empty: it has begun and is not known to have ended
 */
record Attached(
    String sandboxId,
    Phase phase,
    Conflist network,
    String netns,
    String arguments,
    JsonObject capabilities,
    List<PortMapping> ports,
    Optional<CniResult> result) {
  Attached {
    ports = List.copyOf(ports);
  }

  /**
   *
   *
   * <pre>
   *   (nothing) -> ADDING -> ATTACHED -> DELETING -> (nothing)
   *                   |                     ^
   *                   +---- ADD failed -----+
   * </pre>
   */
  enum Phase {
    ADDING,
    ATTACHED,
    DELETING
  }

  Attached deleting() {
    return new Attached(
        sandboxId, Phase.DELETING, network, netns, arguments, capabilities, ports, result);
  }

  Attached attached(CniResult made) {
    return new Attached(
        sandboxId,
        Phase.ATTACHED,
        network,
        netns,
        arguments,
        capabilities,
        ports,
        Optional.of(made));
  }

  Invocation invocation(Invocation.Command command, boolean netnsIsThere) {
    return new Invocation(
        command, sandboxId, netnsIsThere ? Optional.of(netns) : Optional.empty(), arguments);
  }
}
