package io.onggi.sandbox;

import java.time.Instant;
import java.util.List;

/**
 * How the start of a sandbox or container went, step by step.
 *
 * @param startedAt when the first step began
 * @param totalMicros from the first step's beginning to the last one's end
 * @param steps in their order, one after the other
 * @param shim what the shim did within the step "launch", an element a plan entry; empty for a
 *     sandbox
 */
public record Timeline(Instant startedAt, long totalMicros, List<Step> steps, List<ShimStep> shim) {
  public Timeline {
    steps = List.copyOf(steps);
    shim = List.copyOf(shim);
  }

  /**
   * One step of the daemon.
   *
   * @param beginMicros since the first step began
   */
  public record Step(String name, long beginMicros, long lengthMicros) {}

  /**
   * One entry of the launch plan.
   *
   * @param name as in the protocol, such as OVERLAY
   * @param beginMicros since the shim's main began
   */
  public record ShimStep(String name, long beginMicros, long lengthMicros) {}
}
