package io.onggi.sandbox;

import io.onggi.sandbox.Timeline.ShimStep;
import io.onggi.sandbox.Timeline.Step;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Takes the time of each step of one start. For one thread. */
public final class StartClock {
  private final LongSupplier ticker;
  private final Instant at;
  private final long began;
  private final List<Step> steps = new ArrayList<>();
  private List<ShimStep> shim = List.of();

  StartClock(LongSupplier ticker, Instant at) {
    this.ticker = ticker;
    this.at = at;
    this.began = ticker.getAsLong();
  }

  /** Does a step; one that throws is not noted, for then there is no start. */
  public <T> T step(String name, Supplier<T> work) {
    long from = ticker.getAsLong();
    T result = work.get();
    steps.add(new Step(name, micros(from - began), micros(ticker.getAsLong() - from)));
    return result;
  }

  public void step(String name, Runnable work) {
    var _ =
        step(
            name,
            () -> {
              work.run();
              return name;
            });
  }

  /** What the shim tells of its own part. */
  public void shim(List<ShimStep> told) {
    shim = List.copyOf(told);
  }

  public Timeline done() {
    return new Timeline(at, micros(ticker.getAsLong() - began), steps, shim);
  }

  private static long micros(long nanos) {
    return TimeUnit.NANOSECONDS.toMicros(nanos);
  }
}
