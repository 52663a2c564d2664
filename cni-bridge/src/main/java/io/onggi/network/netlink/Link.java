package io.onggi.network.netlink;

import io.onggi.network.MacAddress;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A network interface as the kernel describes it.
 *
 * @param master index of the bridge that it is a port of
 * @param kind "bridge", "veth"; empty for a physical one
 */
public record Link(
    int index,
    String name,
    boolean up,
    int mtu,
    OptionalInt master,
    Optional<MacAddress> mac,
    String kind) {}
