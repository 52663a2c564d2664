package io.onggi.container;

import io.onggi.launch.LaunchPlan;
import io.onggi.launch.Opcode;
import io.onggi.launch.Started;
import io.onggi.sandbox.Timeline.ShimStep;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The shim's own times with the names of what it did. */
final class ShimTimeline {
  private ShimTimeline() {}

  /** An element a plan entry, settings first, as far as the shim told. */
  static List<ShimStep> of(LaunchPlan plan, Started started) {
    List<String> names =
        Stream.concat(
                plan.settings().stream().map(s -> Opcode.of(s).name()),
                plan.steps().stream().map(s -> Opcode.of(s).name()))
            .toList();
    List<Started.Timing> timings = started.timeline();
    List<ShimStep> steps = new ArrayList<>();
    for (int i = 0; i < Math.min(names.size(), timings.size()); i++) {
      Started.Timing timing = timings.get(i);
      steps.add(new ShimStep(names.get(i), timing.beginMicros(), timing.lengthMicros()));
    }
    return List.copyOf(steps);
  }
}
