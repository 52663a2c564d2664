/**
 * Which address a sandbox has, and the file that says so.
 *
 * <ul>
 *   <li>{@link io.onggi.network.ipam.AddressRange}: free and taken addresses of one CIDR, in
 *       memory.
 *   <li>{@link io.onggi.network.ipam.LeaseStore}: one file per address, written before the link is
 *       made and removed after it is gone.
 *   <li>{@link io.onggi.network.ipam.Leases}: both together.
 * </ul>
 */
@NullMarked
package io.onggi.network.ipam;

import org.jspecify.annotations.NullMarked;
