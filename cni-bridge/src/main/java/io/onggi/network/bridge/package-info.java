/**
 * The built-in pod network: one bridge, a veth pair per sandbox, ready at once without a conflist.
 *
 * <ul>
 *   <li>{@link io.onggi.network.bridge.BridgeNetwork}: attach, detach, reconcile, state.
 *   <li>{@code BridgeDevice}: the bridge with its gateway addresses and sysctls.
 *   <li>{@code PodLink}: the veth pair and the pod's side of it.
 *   <li>{@code LinkReaper}: the end of links and leases, in the background.
 * </ul>
 */
@NullMarked
package io.onggi.network.bridge;

import org.jspecify.annotations.NullMarked;
