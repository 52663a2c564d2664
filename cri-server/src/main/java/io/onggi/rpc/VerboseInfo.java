package io.onggi.rpc;

import io.onggi.container.Container;
import io.onggi.container.ContainerState;
import io.onggi.container.OciSpecs;
import io.onggi.container.Timelines;
import io.onggi.sandbox.Sandbox;
import io.onggi.sandbox.SandboxLayout;
import io.onggi.store.RecordJson;
import java.util.LinkedHashMap;
import java.util.Map;

/** The {@code info} of verbose status: JSON for people and tools, not part of CRI's contract. */
public final class VerboseInfo {
  private final SandboxLayout layout;
  private final OciSpecs specs;
  private final Timelines timelines;

  public VerboseInfo(SandboxLayout layout, OciSpecs specs, Timelines timelines) {
    this.layout = layout;
    this.specs = specs;
    this.timelines = timelines;
  }

  Map<String, String> of(Sandbox sandbox) {
    Map<String, Object> info = new LinkedHashMap<>();
    info.put("directory", layout.directory(sandbox.id()).toString());
    info.put("state", sandbox.state());
    info.put("config", sandbox.spec());
    return Map.of("info", RecordJson.pretty(info));
  }

  Map<String, String> of(Container container) {
    Map<String, Object> info = new LinkedHashMap<>();
    info.put("sandboxID", container.spec().sandbox().value());
    if (container.state() instanceof ContainerState.Running running) {
      info.put("pid", running.pid());
      info.put("startTime", running.startTime());
    }
    info.put("cgroup", container.cgroup());
    info.put("timeline", timelines.of(container.id()));
    info.put("runtimeSpec", specs.read(container.id()));
    info.put("config", container.spec());
    return Map.of("info", RecordJson.pretty(info));
  }
}
