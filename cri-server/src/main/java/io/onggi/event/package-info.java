/**
 * What happened, told to whoever listens, without anybody waiting for a listener.
 *
 * <p>{@link io.onggi.event.EventHub} numbers, keeps and hands on; {@link
 * io.onggi.event.Subscription} is one listener's place in it; {@link io.onggi.event.Delivery} is
 * what it reads: an event, a gap, the end.
 */
@NullMarked
package io.onggi.event;

import org.jspecify.annotations.NullMarked;
