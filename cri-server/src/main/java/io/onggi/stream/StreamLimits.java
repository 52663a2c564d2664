package io.onggi.stream;

import java.time.Duration;

/**
 * Bounds of the streaming server; the defaults are those of the kubelet's own.
 *
 * @param tokenLife how long a URL may be used after it was handed out
 * @param creation from the upgrade until every stream of a session is open
 * @param idle a connection without a byte in either direction for so long is closed
 * @param closing what a client gets to read the end and close the connection itself
 * @param pending URLs that are handed out and not yet used
 * @param sessions connections that run at one time
 */
public record StreamLimits(
    Duration tokenLife,
    Duration creation,
    Duration idle,
    Duration closing,
    int pending,
    int sessions) {

  public static StreamLimits defaults() {
    return new StreamLimits(
        Duration.ofMinutes(1),
        Duration.ofSeconds(30),
        Duration.ofHours(4),
        Duration.ofSeconds(5),
        1000,
        1000);
  }
}
