package io.onggi.stats;

import io.onggi.container.ContainerId;
import io.onggi.container.ContainerLayout;
import io.onggi.linux.LinuxException;
import io.onggi.linux.TreeUsage;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sizes of writable layers. A call gets what is known; asking for one that is old has it measured
 * in the background, so nobody waits for a walk and a node that is not asked does none.
 */
public final class WritableLayers {
  /** As often as the kubelet asks. */
  static final Duration PERIOD = Duration.ofSeconds(10);

  /** A walk that takes long is repeated less often: at most 1/50 of one core. */
  private static final long COST_SHARE = 50;

  private final ContainerLayout layout;
  private final Path mountpoint;
  private final InstantSource clock;
  private final LongSupplier ticker;
  private final Executor background;
  private final Map<ContainerId, Known> known = new ConcurrentHashMap<>();

  /** Where a layer's measuring stands. */
  private sealed interface Known {
    Optional<WritableLayer> layer();
  }

  private record Measuring(Optional<WritableLayer> layer) implements Known {}

  private record Measured(Optional<WritableLayer> layer, long dueTick) implements Known {}

  /**
   * @param ticker monotonic, nanoseconds
   * @param background one thread: walks run one after the other
   */
  public WritableLayers(
      ContainerLayout layout, InstantSource clock, LongSupplier ticker, Executor background) {
    this.layout = layout;
    this.mountpoint = layout.root().resolve("containers");
    this.clock = clock;
    this.ticker = ticker;
    this.background = background;
  }

  /** The folder that they are all in. */
  Path mountpoint() {
    return mountpoint;
  }

  /** What was measured last; empty before the first time. */
  Optional<WritableLayer> of(ContainerId id) {
    boolean[] mine = {false};
    Known now =
        known.compute(
            id,
            (_, last) -> {
              mine[0] = isDue(last);
              return mine[0] ? new Measuring(last == null ? Optional.empty() : last.layer()) : last;
            });
    if (mine[0]) {
      start(id);
    }
    return now.layer();
  }

  private boolean isDue(@Nullable Known last) {
    return switch (last) {
      case null -> true;
      case Measuring _ -> false;
      case Measured m -> ticker.getAsLong() - m.dueTick >= 0;
    };
  }

  private void start(ContainerId id) {
    try {
      background.execute(() -> measure(id));
    } catch (RejectedExecutionException _) {
      known.remove(id); // the daemon is ending
    }
  }

  private void measure(ContainerId id) {
    long began = ticker.getAsLong();
    Optional<WritableLayer> layer = walk(id);
    long ended = ticker.getAsLong();
    long due = ended + Math.max(PERIOD.toNanos(), (ended - began) * COST_SHARE);
    known.computeIfPresent(id, (_, _) -> new Measured(layer, due));
  }

  private Optional<WritableLayer> walk(ContainerId id) {
    try {
      TreeUsage usage = TreeUsage.of(layout.upper(id));
      return Optional.of(
          new WritableLayer(clock.instant(), mountpoint, usage.bytes(), usage.inodes()));
    } catch (LinuxException _) {
      return Optional.empty(); // removed meanwhile, or never started
    }
  }

  /** Forgets all others. */
  void retain(Set<ContainerId> ids) {
    if (known.size() > ids.size()) {
      known.keySet().retainAll(ids);
    }
  }
}
