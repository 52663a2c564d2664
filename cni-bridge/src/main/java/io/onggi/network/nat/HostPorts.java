package io.onggi.network.nat;

import io.onggi.error.CriException;
import io.onggi.network.PortMapping;
import io.onggi.network.Protocol;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Who holds which port of the node. Thread-safe. */
public final class HostPorts {
  /** A port of the node, on one address or on all. */
  private record Key(Protocol protocol, int port, Optional<InetAddress> ip) {
    @Override
    public String toString() {
      return ip.map(a -> a.getHostAddress() + ":").orElse("") + port + "/" + protocol;
    }
  }

  private final Map<Key, String> owners = new ConcurrentHashMap<>();

  /**
   * Reserves all mapped ports for the sandbox, or none.
   *
   * @throws CriException.FailedPrecondition naming the port and the sandbox that holds it
   * @throws CriException.InvalidArgument for a host address that is not IPv4
   */
  public void reserve(String sandboxId, List<PortMapping> ports) {
    for (PortMapping port : mapped(ports)) {
      if (port.hostIp().isPresent() && !(port.hostIp().get() instanceof Inet4Address)) {
        throw new CriException.InvalidArgument(
            "host port " + port + ": IPv6 host addresses are not supported yet");
      }
      String owner = owners.putIfAbsent(key(port), sandboxId);
      if (owner != null && !owner.equals(sandboxId)) {
        release(sandboxId, ports);
        throw new CriException.FailedPrecondition(
            "host port "
                + key(port)
                + " for sandbox "
                + sandboxId
                + " is held by sandbox "
                + owner
                + "; stop that one first or choose another port");
      }
    }
  }

  /** Frees those ports that the sandbox holds. */
  public void release(String sandboxId, List<PortMapping> ports) {
    mapped(ports).forEach(port -> owners.remove(key(port), sandboxId));
  }

  static List<PortMapping> mapped(List<PortMapping> ports) {
    return ports.stream().filter(PortMapping::isMapped).toList();
  }

  private static Key key(PortMapping port) {
    return new Key(port.protocol(), port.hostPort(), port.hostIp());
  }
}
