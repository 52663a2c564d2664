package io.onggi.network.bridge;

import io.onggi.network.ipam.Lease;
import io.onggi.network.ipam.Leases;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Ends links in the background and gives their addresses back after them. A link goes with its
 * namespace for free (the kernel destroys dead namespaces in batches); one whose namespace lives on
 * is deleted after a grace. What fails is tried again until it is done.
 */
final class LinkReaper implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(LinkReaper.class.getName());
  private static final Duration FIRST_LOOK = Duration.ofMillis(25);
  private static final Duration SLOWEST_LOOK = Duration.ofSeconds(5);

  /** A link on its way out. */
  private static final class Retired {
    private final String link;
    private final Optional<Lease> lease;
    private final long deleteAfterNanos;
    private Duration nextLook = FIRST_LOOK;

    private Retired(String link, Optional<Lease> lease, long deleteAfterNanos) {
      this.link = link;
      this.lease = lease;
      this.deleteAfterNanos = deleteAfterNanos;
    }
  }

  private final PodLink links;
  private final Leases leases;
  private final Duration grace;
  private final Map<String, Retired> pending = new ConcurrentHashMap<>();
  private final Object idle = new Object();
  private final ScheduledExecutorService worker =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon(true).name("onggi-link-reaper").factory());

  LinkReaper(PodLink links, Leases leases, Duration grace) {
    this.links = links;
    this.leases = leases;
    this.grace = grace;
  }

  /** Takes over a link and the lease that goes with it. Returns at once. */
  void retire(Lease lease) {
    retire(new Retired(lease.hostInterface(), Optional.of(lease), deadline()));
  }

  /** Takes over a link that nobody has a lease for. */
  void retireOrphan(String link) {
    retire(new Retired(link, Optional.empty(), System.nanoTime()));
  }

  int pending() {
    return pending.size();
  }

  /** Deletes the link now, if it is waiting here; blocks for the kernel's 20 to 30 ms. */
  void finishNow(String link) {
    Retired retired = pending.get(link);
    if (retired != null) {
      end(retired, true);
    }
  }

  /** Deletes all that waits here now, and waits for it. */
  void finishAll() {
    pending.values().forEach(retired -> end(retired, true));
  }

  /** True once nothing is waiting; false after the timeout. */
  boolean awaitIdle(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    boolean interrupted = false;
    synchronized (idle) {
      long left = timeout.toNanos();
      while (!pending.isEmpty() && left > 0 && !interrupted) {
        try {
          TimeUnit.NANOSECONDS.timedWait(idle, left);
        } catch (InterruptedException _) {
          interrupted = true;
        }
        left = deadline - System.nanoTime();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return pending.isEmpty();
  }

  /** Stops looking; leases of links that still wait are found again by reconcile. */
  @Override
  public void close() {
    worker.shutdownNow();
  }

  private long deadline() {
    return System.nanoTime() + grace.toNanos();
  }

  private void retire(Retired retired) {
    if (pending.putIfAbsent(retired.link, retired) == null) {
      lookLater(retired);
    }
  }

  private void lookLater(Retired retired) {
    if (!worker.isShutdown()) {
      var _ =
          worker.schedule(() -> look(retired), retired.nextLook.toMillis(), TimeUnit.MILLISECONDS);
      Duration doubled = retired.nextLook.multipliedBy(2);
      retired.nextLook = doubled.compareTo(SLOWEST_LOOK) > 0 ? SLOWEST_LOOK : doubled;
    }
  }

  private void look(Retired retired) {
    try {
      end(retired, System.nanoTime() - retired.deleteAfterNanos >= 0);
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "delete link " + retired.link + ", trying again", e);
    }
    if (pending.get(retired.link) == retired) {
      lookLater(retired);
    }
  }

  /** Done if the link is gone; deletes it if {@code force}. */
  private void end(Retired retired, boolean force) {
    synchronized (retired) {
      if (pending.get(retired.link) != retired) {
        return;
      }
      if (force) {
        links.delete(retired.link);
      } else if (links.exists(retired.link)) {
        return;
      }
      retired.lease.ifPresent(leases::release);
      pending.remove(retired.link, retired);
    }
    synchronized (idle) {
      idle.notifyAll();
    }
  }
}
