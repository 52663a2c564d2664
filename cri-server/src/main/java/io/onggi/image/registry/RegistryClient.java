package io.onggi.image.registry;

import io.onggi.image.content.ImageReference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Speaks with registries; keeps connections, not secrets: those live as long as one session. */
public final class RegistryClient implements AutoCloseable {
  private static final Duration STALL_LIMIT = Duration.ofSeconds(30);

  private final HostsConfig hosts;
  private final HttpClients clients = new HttpClients();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final ScheduledThreadPoolExecutor watch;
  private final Duration stallLimit;

  /**
   * @param registryConfig folder with HOST/hosts.toml files; may be absent
   */
  public RegistryClient(Path registryConfig) {
    this(registryConfig, STALL_LIMIT);
  }

  RegistryClient(Path registryConfig, Duration stallLimit) {
    this.hosts = new HostsConfig(registryConfig);
    this.stallLimit = stallLimit;
    this.watch =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("registry-stall-watch").factory());
    watch.setRemoveOnCancelPolicy(true);
  }

  /** The requests of one pull. */
  public RegistrySession session(ImageReference reference, Optional<Credentials> credentials) {
    Authenticator authenticator = new Authenticator(reference.repository(), credentials, clients);
    return new RegistrySession(
        reference,
        hosts.endpoints(reference.registry()),
        new Transport(clients, authenticator, this::pause),
        this::pause,
        body -> new StallGuard(body, stallLimit, watch));
  }

  /** Waits on the latch and not on the clock alone, so that closing ends the wait. */
  private void pause(int attempt) throws InterruptedException {
    if (closed.await(Backoff.delay(attempt).toNanos(), TimeUnit.NANOSECONDS)) {
      throw new InterruptedException("the registry client is closed");
    }
  }

  @Override
  public void close() {
    closed.countDown();
    watch.shutdownNow();
    clients.close();
  }
}
