package io.onggi.stream;

import io.onggi.error.CriException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Requests that wait for their client; each token works once, for a short time. Thread-safe. */
final class Tokens {
  private static final int TOKEN_BYTES = 16;

  private record Waiting(StreamRequest request, Instant until) {}

  private final InstantSource clock;
  private final Duration life;
  private final int limit;
  private final SecureRandom random = new SecureRandom();

  /** In the order of their end, for all live equally long. */
  private final Map<String, Waiting> waiting = new LinkedHashMap<>();

  Tokens(InstantSource clock, Duration life, int limit) {
    this.clock = clock;
    this.life = life;
    this.limit = limit;
  }

  /**
   * @throws CriException.ResourceExhausted when too many wait already
   */
  synchronized String put(StreamRequest request) {
    Instant now = clock.instant();
    dropEnded(now);
    if (waiting.size() >= limit) {
      throw new CriException.ResourceExhausted(
          request.verb()
              + ": "
              + limit
              + " streaming URLs are handed out and not used yet; try again in a few seconds",
          null);
    }
    byte[] bytes = new byte[TOKEN_BYTES];
    random.nextBytes(bytes);
    String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    waiting.put(token, new Waiting(request, now.plus(life)));
    return token;
  }

  /** The request of {@code token}, once; empty when unknown, used, too old or of another verb. */
  synchronized Optional<StreamRequest> take(String verb, String token) {
    dropEnded(clock.instant());
    Waiting found = waiting.get(token);
    if (found == null || !found.request().verb().equals(verb)) {
      return Optional.empty();
    }
    waiting.remove(token);
    return Optional.of(found.request());
  }

  private void dropEnded(Instant now) {
    Iterator<Waiting> oldest = waiting.values().iterator();
    while (oldest.hasNext() && !oldest.next().until().isAfter(now)) {
      oldest.remove();
    }
  }
}
