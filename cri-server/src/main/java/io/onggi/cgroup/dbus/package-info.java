/**
 * As much of D-Bus as it takes to ask systemd for a unit: method calls, their answers, and signals,
 * over a unix socket (D-Bus specification 0.43, "Message Protocol", "Authentication Protocol").
 *
 * <p>Why not a library: docs/adr/0006-systemd-over-our-own-dbus.md.
 */
@NullMarked
package io.onggi.cgroup.dbus;

import org.jspecify.annotations.NullMarked;
