/**
 * Black-box tests: a daemon from build/dist, its socket, the kernel as witness.
 *
 * <p>{@code Node} is a daemon with folders of its own, {@code Cri} its client, {@code Facts} what
 * the kernel shows of it before and after, {@code FakeRegistry} a registry that can misbehave. The
 * JVM runs in a network namespace of its own (e2e/netns/bin/java).
 */
@NullMarked
package io.onggi.e2e;

import org.jspecify.annotations.NullMarked;
