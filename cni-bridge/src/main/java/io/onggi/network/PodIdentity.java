package io.onggi.network;

import java.util.List;
import java.util.Map;

/**
 * What a network may know of a pod beyond its namespace: handed to CNI plugins as {@code CNI_ARGS}
 * and capability arguments, ignored by the built-in bridge.
 *
 * @param annotations of the pod, for kubernetes.io/ingress-bandwidth and its like
 * @param cgroupParent the pod's cgroup as the kubelet names it; empty: none
 */
public record PodIdentity(
    String namespace,
    String name,
    String uid,
    Map<String, String> annotations,
    Dns dns,
    String cgroupParent) {
  /** A sandbox that is nobody's pod: tests, and tools that only want a network. */
  public static final PodIdentity NONE =
      new PodIdentity("", "", "", Map.of(), new Dns(List.of(), List.of(), List.of()), "");

  public PodIdentity {
    annotations = Map.copyOf(annotations);
  }

  /** The pod's resolver settings; all empty: those of the node. */
  public record Dns(List<String> servers, List<String> searches, List<String> options) {
    public Dns {
      servers = List.copyOf(servers);
      searches = List.copyOf(searches);
      options = List.copyOf(options);
    }
  }
}
