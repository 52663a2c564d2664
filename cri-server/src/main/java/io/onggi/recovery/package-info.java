/**
 * What happens when a daemon finds what an earlier one left.
 *
 * <p>Map: {@link io.onggi.recovery.Recovery} brings the registries in line with the kernel at
 * start; {@link io.onggi.recovery.Doctor} compares the ledger with the kernel on demand.
 */
@NullMarked
package io.onggi.recovery;

import org.jspecify.annotations.NullMarked;
