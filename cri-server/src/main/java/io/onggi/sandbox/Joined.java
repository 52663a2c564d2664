package io.onggi.sandbox;

import io.onggi.error.CriException;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Operations keyed and joined: a second caller with the same key waits for the running operation
 * and gets its result. The first caller's thread runs it: gRPC does not interrupt a call whose
 * client has gone, so a disconnect cancels nothing; the operation finishes or rolls back
 * (ARCHITECTURE decision 6).
 */
public final class Joined<K, V> {
  private final ConcurrentHashMap<K, FutureTask<V>> running = new ConcurrentHashMap<>();

  /** Runs the operation, or joins the one that runs under this key. */
  public V run(K key, Callable<V> operation) {
    AtomicReference<FutureTask<V>> self = new AtomicReference<>();
    FutureTask<V> mine =
        new FutureTask<>(
            () -> {
              try {
                return operation.call();
              } finally {
                // Off the list before its result is seen: who comes after the end runs anew.
                running.remove(key, self.get());
              }
            });
    self.set(mine);
    FutureTask<V> other = running.putIfAbsent(key, mine);
    if (other != null) {
      return await(other);
    }
    mine.run();
    return await(mine);
  }

  private static <V> V await(FutureTask<V> task) {
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CriException.DeadlineExceeded(
          "the caller went away; the operation goes on by itself");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException r) {
        throw r;
      }
      throw new CriException.Internal("operation failed: " + e.getCause(), e.getCause());
    }
  }
}
