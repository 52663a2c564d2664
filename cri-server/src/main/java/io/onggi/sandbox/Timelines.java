package io.onggi.sandbox;

import io.onggi.store.RecordJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Start timelines, each a file in the state folder of its sandbox or container: so they outlive the
 * daemon, and go with what they tell of. One that cannot be written or read is missing, no error.
 */
public final class Timelines {
  private static final Logger LOG = Logger.getLogger(Timelines.class.getName());
  private static final String FILE = "timeline.json";

  private final InstantSource clock;
  private final LongSupplier ticker;

  /**
   * @param ticker monotonic, nanoseconds
   */
  public Timelines(InstantSource clock, LongSupplier ticker) {
    this.clock = clock;
    this.ticker = ticker;
  }

  /** A start begins. */
  public StartClock begin() {
    return new StartClock(ticker, clock.instant());
  }

  /** Not synced: it is lost with the machine, as the whole state folder is. */
  public void keep(Path folder, Timeline timeline) {
    try {
      Files.write(folder.resolve(FILE), RecordJson.toBytes(timeline));
    } catch (IOException e) {
      LOG.log(Level.FINE, "keeping a timeline in " + folder + ", ignoring", e);
    }
  }

  /** Empty if nothing was started there, or only half of it was written. */
  public Optional<Timeline> read(Path folder) {
    try {
      return Optional.of(
          RecordJson.fromBytes(Files.readAllBytes(folder.resolve(FILE)), Timeline.class));
    } catch (IOException | RuntimeException _) {
      return Optional.empty();
    }
  }
}
