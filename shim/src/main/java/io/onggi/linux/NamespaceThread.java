package io.onggi.linux;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Runs one piece of work on a fresh platform thread that ends afterwards, so that a namespace which
 * the work creates or enters never outlives it in a pooled thread (unshare(2) and setns(2) change
 * the calling thread only, and there is no safe way back).
 *
 * <p>Costs one thread start, about 60 µs. The caller blocks until the work is done; an interrupt of
 * the caller is kept for later, because half a namespace helps nobody.
 */
public final class NamespaceThread {
  private static final long STACK_BYTES = 256L * 1024;

  private NamespaceThread() {}

  /**
   * Runs {@code work} and returns its result.
   *
   * @throws LinuxException and every other unchecked exception of {@code work}, as it is
   * @throws IllegalStateException wrapping a checked exception of {@code work}
   */
  public static <T> T call(String name, Callable<T> work) {
    return join(start(name, work));
  }

  /** Starts {@code work}; {@link #join} waits for it. For work that overlaps with the caller's. */
  public static <T> FutureTask<T> start(String name, Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread _ =
        Thread.ofPlatform()
            .name("onggi-ns-" + name)
            .daemon(true)
            .stackSize(STACK_BYTES)
            .inheritInheritableThreadLocals(false)
            .start(task);
    return task;
  }

  /** Waits for a task of {@link #start}; throws what {@link #call} throws. */
  public static <T> T join(FutureTask<T> task) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      throw unwrap(e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static RuntimeException unwrap(ExecutionException e) {
    return switch (e.getCause()) {
      case RuntimeException cause -> cause;
      case Error cause -> throw cause;
      case Throwable cause -> new IllegalStateException(cause.getMessage(), cause);
      case null -> new IllegalStateException(e);
    };
  }
}
