/**
 * Containers: from what CRI asks to a process that runs, and back to nothing.
 *
 * <p>Map: {@link io.onggi.container.ContainerSpec} what was asked; {@link
 * io.onggi.container.SpecBuilder} makes the OCI {@link io.onggi.container.OciSpec}; {@link
 * io.onggi.container.SpecEdits} lets others change it; {@link io.onggi.container.SpecCompiler}
 * compiles that, purely, to a {@code LaunchPlan}; {@link io.onggi.container.ContainerState} the
 * chart; {@link io.onggi.container.Containers} the registry; one class per verb: {@code
 * CreateContainer}, {@code StartContainer}, {@code StopContainer}, {@code RemoveContainer}, {@code
 * ExecSync}, {@code ReopenLog}.
 */
@NullMarked
package io.onggi.container;

import org.jspecify.annotations.NullMarked;
