package io.onggi.launch;

import java.time.Duration;

/**
 * @param terminal one stream, a pseudo terminal; stdout only
 * @param timeout then the whole exec is killed; zero: none
 * @param limitBytes of each stream that are kept; 0: no limit
 */
public record ExecOptions(
    boolean terminal,
    boolean stdin,
    boolean stdout,
    boolean stderr,
    Duration timeout,
    long limitBytes) {
  /** What ExecSync keeps of each stream, as the other runtimes do: 16 MiB. */
  public static final long SYNC_LIMIT = 16L << 20;

  public ExecOptions {
    if (timeout.isNegative() || limitBytes < 0) {
      throw new IllegalArgumentException(
          "exec timeout " + timeout + " or limit " + limitBytes + " is negative");
    }
  }

  /** ExecSync: both streams kept, no stdin. */
  public static ExecOptions sync(Duration timeout) {
    return new ExecOptions(false, false, true, true, timeout, SYNC_LIMIT);
  }
}
