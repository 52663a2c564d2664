package io.onggi.rpc;

import io.onggi.container.Container;
import io.onggi.container.ContainerId;
import io.onggi.container.ContainerLayout;
import io.onggi.container.ContainerState;
import io.onggi.container.OciSpecs;
import io.onggi.launch.LaunchPlan;
import io.onggi.launch.PlanCodec;
import io.onggi.launch.PlanPrinter;
import io.onggi.sandbox.Sandbox;
import io.onggi.sandbox.SandboxLayout;
import io.onggi.sandbox.Timelines;
import io.onggi.store.RecordJson;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The {@code info} of verbose status: JSON for people and tools, not part of CRI's contract. */
public final class VerboseInfo {
  private final SandboxLayout layout;
  private final OciSpecs specs;
  private final ContainerLayout containers;
  private final Timelines timelines;

  public VerboseInfo(
      SandboxLayout layout, ContainerLayout containers, OciSpecs specs, Timelines timelines) {
    this.layout = layout;
    this.containers = containers;
    this.specs = specs;
    this.timelines = timelines;
  }

  Map<String, String> of(Sandbox sandbox) {
    Map<String, Object> info = new LinkedHashMap<>();
    info.put("directory", layout.directory(sandbox.id()).toString());
    info.put("state", sandbox.state());
    timelines.read(layout.directory(sandbox.id())).ifPresent(t -> info.put("timeline", t));
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
    timelines.read(containers.stateOf(container.id())).ifPresent(t -> info.put("timeline", t));
    plan(container.id()).ifPresent(p -> info.put("launchPlan", p));
    info.put("runtimeSpec", specs.read(container.id()));
    info.put("config", container.spec());
    return Map.of("info", RecordJson.pretty(info));
  }

  /** Each entry of the plan that it was started with, in words; empty before its first start. */
  private Optional<List<String>> plan(ContainerId id) {
    try {
      LaunchPlan plan = PlanCodec.decode(Files.readAllBytes(containers.planFile(id)));
      return Optional.of(
          Stream.concat(
                  plan.settings().stream().map(PlanPrinter::describe),
                  plan.steps().stream().map(PlanPrinter::describe))
              .toList());
    } catch (IOException _) {
      return Optional.empty();
    }
  }
}
