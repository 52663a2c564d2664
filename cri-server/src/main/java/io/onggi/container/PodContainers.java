package io.onggi.container;

import io.onggi.sandbox.SandboxId;
import io.onggi.sandbox.SandboxMembers;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** The containers of a sandbox, all at once. */
public final class PodContainers implements SandboxMembers {
  private final Containers containers;
  private final StopContainer stop;
  private final RemoveContainer remove;

  public PodContainers(Containers containers, StopContainer stop, RemoveContainer remove) {
    this.containers = containers;
    this.stop = stop;
    this.remove = remove;
  }

  @Override
  public void stopAll(SandboxId sandbox) {
    forAll(sandbox, c -> stop.stop(c.id().value(), 0));
  }

  @Override
  public void removeAll(SandboxId sandbox) {
    forAll(sandbox, c -> remove.remove(c.id().value()));
  }

  /** Runs the verb on every member, side by side; the first failure is thrown after all ended. */
  private void forAll(SandboxId sandbox, Consumer<Container> verb) {
    List<Container> members = containers.of(sandbox);
    if (members.size() == 1) {
      verb.accept(members.getFirst());
      return;
    }
    List<Future<?>> running;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      running = members.stream().<Future<?>>map(c -> threads.submit(() -> verb.accept(c))).toList();
    }
    List<RuntimeException> failures =
        running.stream().map(PodContainers::failure).flatMap(Optional::stream).toList();
    if (!failures.isEmpty()) {
      RuntimeException first = failures.getFirst();
      failures.stream().skip(1).forEach(first::addSuppressed);
      throw first;
    }
  }

  private static Optional<RuntimeException> failure(Future<?> done) {
    try {
      done.get();
      return Optional.empty();
    } catch (ExecutionException e) {
      return Optional.of(
          e.getCause() instanceof RuntimeException r ? r : new IllegalStateException(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of(new IllegalStateException(e));
    }
  }
}
