/**
 * Stateful fakes of shims for tests of other modules: {@link io.onggi.launch.testing.FakeShims} is
 * launcher and connector of {@link io.onggi.launch.testing.FakeShim}s. Production code must not use
 * it (ArchUnit).
 */
@NullMarked
package io.onggi.launch.testing;

import org.jspecify.annotations.NullMarked;
