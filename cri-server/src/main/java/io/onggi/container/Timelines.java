package io.onggi.container;

import io.onggi.launch.Started;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How long each step of a container's start took, for verbose status; not kept over a restart. */
public final class Timelines {
  private final Map<ContainerId, List<Started.Timing>> byId = new ConcurrentHashMap<>();

  void keep(ContainerId id, Started started) {
    byId.put(id, started.timeline());
  }

  void forget(ContainerId id) {
    byId.remove(id);
  }

  /** One element a plan entry; empty when it is not known (any more). */
  public List<Started.Timing> of(ContainerId id) {
    return byId.getOrDefault(id, List.of());
  }
}
