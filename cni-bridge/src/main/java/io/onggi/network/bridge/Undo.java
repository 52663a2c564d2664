package io.onggi.network.bridge;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What to take back if a later step fails: run in reverse, all of it, failures of taking back added
 * to the failure itself.
 */
final class Undo {
  private final Deque<Runnable> steps = new ArrayDeque<>();

  void push(Runnable step) {
    steps.push(step);
  }

  void run(Throwable failure) {
    for (Runnable step : steps) {
      try {
        step.run();
      } catch (RuntimeException e) {
        failure.addSuppressed(e);
      }
    }
  }
}
