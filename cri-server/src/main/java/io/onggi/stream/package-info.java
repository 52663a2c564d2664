/**
 * Live streams into containers and pods: exec, attach, port-forward.
 *
 * <p>Map: {@link io.onggi.stream.Streams} checks a request and hands out its URL; {@code Tokens}
 * keeps it until a client comes; {@code HttpEntry} upgrades the connection to SPDY/3.1 ({@code
 * SpdyConnection}) or WebSocket; {@code CommandRun} and {@code PortForwards} move the bytes on
 * virtual threads. The event loop only moves bytes in and out of {@code Inbox} and {@code Link} and
 * never waits.
 */
@NullMarked
package io.onggi.stream;

import org.jspecify.annotations.NullMarked;
