/**
 * The CRI contract, docs/contract.md, rule by rule: a test's name begins with the number of the
 * rule that it holds, {@code c04_...}; what the contract does not number begins with a word.
 *
 * <p>All classes share one daemon ({@link io.onggi.e2e.contract.SharedNode}), which must show
 * nothing of a class when that class has ended. {@link io.onggi.e2e.contract.Pod} is one pod and
 * what can be asked of it.
 */
@NullMarked
package io.onggi.e2e.contract;

import org.jspecify.annotations.NullMarked;
