package io.onggi.stats;

import io.onggi.container.Container;
import io.onggi.sandbox.Sandbox;
import java.util.Map;

/**
 * Which containers or pods to tell of: all that is given must match.
 *
 * @param id of the container or pod, or its beginning; empty: any
 * @param sandbox id of the pod, or its beginning, for containers; empty: any
 * @param labels with exactly these values
 */
public record StatsFilter(String id, String sandbox, Map<String, String> labels) {
  public static final StatsFilter ALL = new StatsFilter("", "", Map.of());

  public StatsFilter {
    labels = Map.copyOf(labels);
  }

  boolean matches(Container container) {
    return container.id().value().startsWith(id)
        && container.spec().sandbox().value().startsWith(sandbox)
        && has(container.spec().labels());
  }

  boolean matches(Sandbox pod) {
    return pod.id().value().startsWith(id)
        && pod.id().value().startsWith(sandbox)
        && has(pod.spec().labels());
  }

  private boolean has(Map<String, String> given) {
    return given.entrySet().containsAll(labels.entrySet());
  }
}
