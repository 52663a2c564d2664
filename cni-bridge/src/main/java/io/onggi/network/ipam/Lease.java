package io.onggi.network.ipam;

import io.onggi.network.IpPrefix;
import io.onggi.network.MacAddress;
import io.onggi.network.PortMapping;
import java.net.InetAddress;
import java.util.List;

/**
 * An address and whose it is: all that a restarted daemon must know about an attached sandbox.
 *
 * @param address with the prefix length of its range
 * @param hostInterface the node's end of the veth pair
 * @param released true once the sandbox has been detached and only the link's end is awaited
 */
public record Lease(
    String sandboxId,
    IpPrefix address,
    InetAddress gateway,
    String hostInterface,
    MacAddress mac,
    List<PortMapping> ports,
    boolean released) {
  public Lease {
    ports = List.copyOf(ports);
  }
}
