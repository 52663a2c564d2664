package io.onggi.container;

import io.onggi.cgroup.CgroupPath;
import io.onggi.cgroup.Cgroups;
import io.onggi.error.CriException;
import io.onggi.launch.ExitRecord;
import io.onggi.launch.Shim;
import io.onggi.launch.ShimConnector;
import io.onggi.launch.ShimException;
import io.onggi.launch.WireException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Learns of each container's end, from its shim or from the exit record that the shim left: events
 * are hints, the record is the truth. One parked virtual thread a running container.
 */
public final class ContainerExits {
  private static final Logger LOG = Logger.getLogger(ContainerExits.class.getName());

  private static final int LOST_CODE = 255;

  /** 128 + SIGKILL: of the first process itself, or passed on by a shell whose child was killed. */
  private static final int KILLED_CODE = 137;

  private final Containers containers;
  private final Cgroups cgroups;
  private final ContainerLayout layout;
  private final ShimConnector connector;
  private final InstantSource clock;
  private final Map<ContainerId, CompletableFuture<Boolean>> ends = new ConcurrentHashMap<>();

  public ContainerExits(
      Containers containers,
      Cgroups cgroups,
      ContainerLayout layout,
      ShimConnector connector,
      InstantSource clock) {
    this.containers = containers;
    this.cgroups = cgroups;
    this.layout = layout;
    this.connector = connector;
    this.clock = clock;
  }

  /** Begins to wait for the end of a running container; idempotent. */
  public void watch(ContainerId id) {
    CompletableFuture<Boolean> end = new CompletableFuture<>();
    if (ends.putIfAbsent(id, end) == null) {
      Thread.ofVirtual()
          .name("exit-of-" + id)
          .start(
              () -> {
                try {
                  awaitAndRecord(id);
                } catch (RuntimeException e) {
                  LOG.log(Level.WARNING, "recording the end of container " + id, e);
                } finally {
                  ends.remove(id, end);
                  end.complete(true);
                }
                cleanUp(id); // nobody waits for this
              });
    }
  }

  private void awaitAndRecord(ContainerId id) {
    Path socket = layout.socket(id);
    Shim shim = connector.connect("container " + id, socket);
    Optional<ExitRecord> record;
    try {
      record = Optional.of(shim.awaitExit());
    } catch (ShimException e) {
      record = readRecord(id);
      if (record.isEmpty()) {
        LOG.log(Level.WARNING, "container " + id + " has lost its shim: " + e.getMessage());
        cgroups.killAll(CgroupPath.of(containers.get(id.value()).cgroup()));
      }
    }
    recordEnd(id, record);
  }

  /** Empty also when the file is no whole record: the container has ended all the same. */
  private Optional<ExitRecord> readRecord(ContainerId id) {
    try {
      return ExitRecord.read(layout.exitRecord(id));
    } catch (WireException | UncheckedIOException e) {
      LOG.log(Level.WARNING, "exit record of container " + id + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  /** Moves the container to Exited by what its shim left. */
  private void recordEnd(ContainerId id, Optional<ExitRecord> record) {
    containers.update(
        id,
        now ->
            now.state() instanceof ContainerState.Running running
                ? now.with(
                    record
                        .map(r -> exited(running.startedAt(), r))
                        .orElseGet(() -> lost(running.startedAt(), clock.instant())))
                : now);
  }

  static ContainerState.Exited exited(Instant startedAt, ExitRecord record) {
    int code = record.exitCode();
    String reason = "Completed";
    // A kill for want of memory that the first process outlived is not how the container ended.
    if (record.oomKilled() && code == KILLED_CODE) {
      reason = "OOMKilled";
    } else if (code != 0) {
      reason = "Error";
    }
    return new ContainerState.Exited(startedAt, record.finishedAt(), code, reason, "");
  }

  /** The shim was killed before it could write: how the process ended is not known. */
  static ContainerState.Exited lost(Instant startedAt, Instant at) {
    return new ContainerState.Exited(
        startedAt, at, LOST_CODE, "Unknown", "its shim was killed; the exit code is not known");
  }

  /** Takes away what only a running container needs; idempotent, failures are tried again later. */
  public void cleanUp(ContainerId id) {
    containers
        .find(id.value())
        .ifPresent(
            c -> {
              try {
                cgroups.remove(CgroupPath.of(c.cgroup()));
              } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "removing cgroup " + c.cgroup() + ", tried again later", e);
              }
            });
  }

  /**
   * Parks until the container has ended and is recorded as such.
   *
   * @param millis how long at most; negative: without bound
   * @return false when the time ran out
   * @throws CriException.Unavailable when the daemon leaves meanwhile: nothing more may be done to
   *     the container then
   */
  public boolean await(ContainerId id, long millis) {
    return await(id, ends.get(id), millis);
  }

  private static boolean await(
      ContainerId id, @Nullable CompletableFuture<Boolean> end, long millis) {
    if (end == null) {
      return true;
    }
    try {
      if (millis < 0) {
        end.get();
      } else {
        end.get(millis, TimeUnit.MILLISECONDS);
      }
      return true;
    } catch (TimeoutException _) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CriException.Unavailable(
          "waiting for container " + id + ": the daemon leaves; ask again when it is back", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}
