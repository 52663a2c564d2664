/**
 * Networks that others configure: conflists of the Container Network Interface (CNI spec 1.1.0).
 *
 * <ul>
 *   <li>{@link io.onggi.network.cni.Conflists}: the configuration directory, read again when it
 *       changes; {@link io.onggi.network.cni.ConflistReader} names what is wrong by file and line.
 *   <li>{@link io.onggi.network.cni.Chain}: one list of plugins run forwards for ADD and CHECK,
 *       backwards for DEL.
 *   <li>{@link io.onggi.network.cni.Plugins}: whoever carries out one plugin; {@link
 *       io.onggi.network.cni.PluginPrograms} executes it as the spec says.
 *   <li>{@link io.onggi.network.cni.AttachmentStore}: what was added, kept until DEL has succeeded.
 *   <li>{@link io.onggi.network.cni.CniNetwork}: sandboxes on such a network.
 * </ul>
 */
@NullMarked
package io.onggi.network.cni;

import org.jspecify.annotations.NullMarked;
