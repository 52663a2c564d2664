/**
 * Pod sandboxes: the namespaces, network and files that a pod's containers share.
 *
 * <p>Map: {@link io.onggi.sandbox.SandboxSpec} what was asked; {@link
 * io.onggi.sandbox.SandboxState} the chart; {@link io.onggi.sandbox.Sandboxes} the registry and the
 * only place state changes; {@link io.onggi.sandbox.RunSandbox}, {@link
 * io.onggi.sandbox.StopSandbox}, {@link io.onggi.sandbox.RemoveSandbox} one class per verb; {@link
 * io.onggi.sandbox.SandboxMembers} how a sandbox ends its containers without knowing them.
 */
@NullMarked
package io.onggi.sandbox;

import org.jspecify.annotations.NullMarked;
