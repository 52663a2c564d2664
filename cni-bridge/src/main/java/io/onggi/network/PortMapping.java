package io.onggi.network;

import io.onggi.error.CriException;
import java.net.InetAddress;
import java.util.Optional;

/**
 * A port of the pod, and the port of the node that leads to it. A port outside its range is refused
 * with {@link CriException.InvalidArgument}.
 *
 * @param containerPort 1 to 65535
 * @param hostPort 1 to 65535, or 0: the port is only declared, nothing is mapped
 * @param hostIp the node address that answers; empty or unspecified (0.0.0.0): all of them
 */
public record PortMapping(
    Protocol protocol, int containerPort, int hostPort, Optional<InetAddress> hostIp) {
  private static final int MAX_PORT = 65535;

  public PortMapping {
    if (containerPort < 1 || containerPort > MAX_PORT) {
      throw new CriException.InvalidArgument(
          "container port " + containerPort + "/" + protocol + " is not within 1-65535");
    }
    if (hostPort < 0 || hostPort > MAX_PORT) {
      throw new CriException.InvalidArgument(
          "host port " + hostPort + "/" + protocol + " is not within 0-65535");
    }
    hostIp = hostIp.filter(ip -> !ip.isAnyLocalAddress());
  }

  /** False for a port that is only declared. */
  public boolean isMapped() {
    return hostPort != 0;
  }

  @Override
  public String toString() {
    String host = hostIp.map(ip -> ip.getHostAddress() + ":").orElse("");
    return host + hostPort + "->" + containerPort + "/" + protocol;
  }
}
