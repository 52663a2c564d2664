package io.onggi.network;

import java.net.InetAddress;
import java.util.List;

/**
 * A sandbox that is on the network.
 *
 * @param hostInterface the node's end of the veth pair
 * @param podInterface the pod's end, "eth0"
 * @param addresses of the pod's end, the primary one first
 * @param mac of the pod's end
 */
public record Attachment(
    String sandboxId,
    String hostInterface,
    String podInterface,
    List<IpPrefix> addresses,
    List<InetAddress> gateways,
    MacAddress mac,
    List<PortMapping> ports) {
  public Attachment {
    addresses = List.copyOf(addresses);
    gateways = List.copyOf(gateways);
    ports = List.copyOf(ports);
  }
}
