package io.onggi.network.cni;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a plugin is told beside its configuration: the environment of CNI spec section 2.
 *
 * @param netns path of the sandbox's namespace; empty when it is gone
 * @param arguments {@code CNI_ARGS}, "KEY=VALUE;KEY=VALUE"
 */
record Invocation(Command command, String containerId, Optional<String> netns, String arguments) {
  /** The pod's interface: Kubernetes knows one, and calls it so. */
  static final String INTERFACE = "eth0";

  /** What a plugin can be asked for. */
  enum Command {
    ADD,
    DEL,
    CHECK,
    STATUS,
    GC,
    VERSION
  }

  Invocation as(Command other) {
    return new Invocation(other, containerId, netns, arguments);
  }

  /** For a network as a whole: STATUS, GC and VERSION are about no container. */
  static Invocation ofNetwork(Command command) {
    return new Invocation(command, "", Optional.empty(), "");
  }

  Map<String, String> environment() {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("CNI_COMMAND", command.name());
    switch (command) {
      case ADD, DEL, CHECK -> {
        environment.put("CNI_CONTAINERID", containerId);
        environment.put("CNI_NETNS", netns.orElse(""));
        environment.put("CNI_IFNAME", INTERFACE);
        environment.put("CNI_ARGS", arguments);
      }
      case STATUS, GC, VERSION -> {}
    }
    return environment;
  }

  /** "ADD for sandbox ID", for messages. */
  String described() {
    return containerId.isEmpty() ? command.name() : command + " for sandbox " + containerId;
  }
}
