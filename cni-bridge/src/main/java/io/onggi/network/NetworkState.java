package io.onggi.network;

import java.util.Optional;

/** What CRI Status tells the kubelet as the condition NetworkReady. */
public sealed interface NetworkState {
  /**
   * Pods can be attached.
   *
   * @param limitation what does not work nevertheless, and why (no nf_tables: no masquerade and no
   *     host ports); a sentence for operators
   */
  record Ready(Optional<String> limitation) implements NetworkState {}

  /**
   * Pods cannot be attached.
   *
   * @param reason CamelCase word for the condition
   * @param message a sentence that says what to do
   */
  record NotReady(String reason, String message) implements NetworkState {}
}
