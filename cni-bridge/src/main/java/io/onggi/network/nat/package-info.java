/**
 * What happens to a packet between the pods and the world: masquerade on the way out, host ports on
 * the way in, by one nftables table of ours that no other owner's rules are mixed with.
 *
 * <ul>
 *   <li>{@link io.onggi.network.nat.NatTable}: the table in the kernel, changed by transactions.
 *   <li>{@link io.onggi.network.nat.HostPorts}: which host port belongs to which sandbox.
 * </ul>
 */
@NullMarked
package io.onggi.network.nat;

import org.jspecify.annotations.NullMarked;
