/**
 * A container as a program of system calls, and the shim that runs it (shim/PROTOCOL.md).
 *
 * <ul>
 *   <li>{@link io.onggi.launch.LaunchPlan}, {@link io.onggi.launch.LaunchStep}, {@link
 *       io.onggi.launch.Setting}: the program as data; {@link io.onggi.launch.PlanCodec}: its
 *       bytes; {@link io.onggi.launch.PlanPrinter}: its words.
 *   <li>{@link io.onggi.launch.ShimLauncher} starts one shim a container; {@link
 *       io.onggi.launch.Shim} talks to a live one; {@link io.onggi.launch.ExitRecord} is what it
 *       leaves behind.
 *   <li>{@code io.onggi.launch.testing}: stateful fakes of both, for tests only.
 * </ul>
 */
@NullMarked
package io.onggi.launch;

import org.jspecify.annotations.NullMarked;
