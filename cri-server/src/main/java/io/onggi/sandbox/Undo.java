package io.onggi.sandbox;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What to take back when an operation fails: each step that makes a thing pushes its undo. {@link
 * #close} runs all of them in reverse order, also when one fails, unless {@link #commit} was
 * called.
 */
public final class Undo implements AutoCloseable {
  private final Deque<Runnable> steps = new ArrayDeque<>();
  private Runnable whenAllIsUndone = () -> {};

  public void push(Runnable step) {
    steps.push(step);
  }

  /**
   * Runs after every step was taken back and none failed: for the intent in the ledger, which must
   * outlive whatever could not be taken back.
   */
  public void whenAllIsUndone(Runnable last) {
    whenAllIsUndone = last;
  }

  /** The operation has succeeded: nothing will be taken back. */
  public void commit() {
    steps.clear();
    whenAllIsUndone = () -> {};
  }

  /** Runs what is left; the first failure is thrown, later ones are suppressed in it. */
  @Override
  public void close() {
    RuntimeException first = null;
    while (!steps.isEmpty()) {
      try {
        steps.pop().run();
      } catch (RuntimeException e) {
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }
    if (first != null) {
      throw first;
    }
    whenAllIsUndone.run();
  }
}
