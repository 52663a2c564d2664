/**
 * Netlink messages as bytes, and the exchange with the kernel; no policy.
 *
 * <ul>
 *   <li>{@link io.onggi.network.netlink.NetlinkWriter}, {@link
 *       io.onggi.network.netlink.NetlinkReader}: headers, attributes, nesting, alignment.
 *   <li>{@link io.onggi.network.netlink.NetlinkClient}: batches with acknowledgements, queries,
 *       dumps; {@link io.onggi.network.netlink.ClientPool} lends them.
 *   <li>{@link io.onggi.network.netlink.RouteMessages}: links, addresses, routes; {@link
 *       io.onggi.network.netlink.NftMessages}, {@link io.onggi.network.netlink.NftRule}: nf_tables.
 *   <li>{@link io.onggi.network.netlink.HostNetns}: in which namespace the node's sockets live.
 * </ul>
 */
@NullMarked
package io.onggi.network.netlink;

import org.jspecify.annotations.NullMarked;
