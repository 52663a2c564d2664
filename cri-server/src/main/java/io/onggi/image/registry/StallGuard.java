package io.onggi.image.registry;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Ends a body on which no byte has come for a while: a dead peer must not hold a pull for ever. */
final class StallGuard extends FilterInputStream {
  private final Duration limit;
  private final ScheduledFuture<?> watch;
  private volatile boolean reading;
  private volatile boolean stalled;

  StallGuard(InputStream in, Duration limit, ScheduledExecutorService scheduler) {
    super(in);
    this.limit = limit;
    // Two checks in a row within one read: between one and two periods without a byte.
    this.watch =
        scheduler.scheduleWithFixedDelay(
            new Check(), limit.toNanos(), limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  private final class Check implements Runnable {
    private boolean wasReading;
    private long lastReads = -1;

    @Override
    public void run() {
      long now = reads;
      if (reading && wasReading && now == lastReads) {
        stalled = true;
        try {
          in.close();
        } catch (IOException _) {
          // the reader is told by its own exception
        }
      }
      wasReading = reading;
      lastReads = now;
    }
  }

  private volatile long reads;

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread reads; the check only looks
  public int read(byte[] buffer, int offset, int length) throws IOException {
    reads++;
    reading = true;
    try {
      return in.read(buffer, offset, length);
    } catch (IOException e) {
      throw stalled ? new IOException("no data for " + limit.toSeconds() + " s", e) : e;
    } finally {
      reading = false;
    }
  }

  @Override
  public void close() throws IOException {
    watch.cancel(false);
    in.close();
  }
}
