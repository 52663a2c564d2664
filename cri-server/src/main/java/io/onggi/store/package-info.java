/**
 * What survives the daemon: a journal of keys and values, and files replaced atomically.
 *
 * <p>{@link io.onggi.store.Journal} is the one log (checksummed, group commit, compacted in place);
 * {@link io.onggi.store.Ledger} keeps in it the kernel objects that are about to be made, or are
 * not yet gone ("intent before act"); {@link io.onggi.store.AtomicFile} replaces whole files.
 */
@NullMarked
package io.onggi.store;

import org.jspecify.annotations.NullMarked;
