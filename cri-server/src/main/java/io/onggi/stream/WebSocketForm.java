package io.onggi.stream;

import java.util.List;
import java.util.Optional;

/**
 * A subprotocol of exec and attach over WebSocket; the first byte of a message names its channel.
 *
 * @param version of the remote command protocol: 1, 4 or 5
 * @param base64 text messages: a digit for the channel, then base64
 */
record WebSocketForm(String name, int version, boolean base64) {
  private static final List<WebSocketForm> KNOWN =
      List.of(
          new WebSocketForm("v5.channel.k8s.io", 5, false),
          new WebSocketForm("v4.channel.k8s.io", 4, false),
          new WebSocketForm("v4.base64.channel.k8s.io", 4, true),
          new WebSocketForm("channel.k8s.io", 1, false),
          new WebSocketForm("base64.channel.k8s.io", 1, true));

  /** The first of {@code offered} that is known; a client that offers none speaks the oldest. */
  static Optional<WebSocketForm> choose(List<String> offered) {
    if (offered.isEmpty()) {
      return Optional.of(new WebSocketForm("", 1, false));
    }
    return offered.stream().flatMap(o -> KNOWN.stream().filter(k -> k.name.equals(o))).findFirst();
  }
}
