/**
 * Container Device Interface: names of devices in, edits of a container's spec out (CDI
 * specification 0.3.0 to 1.1.0, github.com/cncf-tags/container-device-interface, SPEC.md).
 *
 * <p>Map: {@link io.onggi.container.cdi.CdiName} a device's name; {@code CdiReader} reads a spec
 * file to a {@code CdiFile} of {@code CdiEdits}; {@link io.onggi.container.cdi.CdiSpecs} the
 * folders of them, read again when they change.
 */
@NullMarked
package io.onggi.container.cdi;

import org.jspecify.annotations.NullMarked;
