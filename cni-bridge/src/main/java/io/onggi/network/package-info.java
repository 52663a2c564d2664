/**
 * Everything between a network namespace and an address that answers: the words that callers use.
 *
 * <ul>
 *   <li>{@link io.onggi.network.PodNetwork}: attach and detach a sandbox; what the daemon holds.
 *   <li>{@code .bridge}: the built-in network (bridge, veth, leases, nftables) that needs no
 *       conflist.
 *   <li>{@code .ipam}: which address, and the lease file that says whose it is.
 *   <li>{@code .nat}: masquerade and host ports, one nftables table of ours.
 *   <li>{@code .netlink}: bytes to and from rtnetlink and nfnetlink; no policy.
 * </ul>
 */
@NullMarked
package io.onggi.network;

import org.jspecify.annotations.NullMarked;
