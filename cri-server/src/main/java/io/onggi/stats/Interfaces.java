package io.onggi.stats;

import io.onggi.error.CriException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Counters of every interface of the host, from one read: a pod's are those of the host's end of
 * its veth pair with both directions swapped, so no network namespace is entered.
 *
 * @param byName received and sent as the host sees it
 */
public record Interfaces(Map<String, Counters> byName) {
  private static final Path HOST = Path.of("/proc/net/dev");
  private static final int FIELDS = 16;
  private static final int TX_BYTES = 8;
  private static final int TX_ERRORS = 10;
  private static final int RX_ERRORS = 2;

  public Interfaces {
    byName = Map.copyOf(byName);
  }

  /** Bytes and errors since the interface was made. */
  public record Counters(long rxBytes, long rxErrors, long txBytes, long txErrors) {
    /** As the other end of the pair counts. */
    Counters swapped() {
      return new Counters(txBytes, txErrors, rxBytes, rxErrors);
    }
  }

  static Interfaces ofHost() {
    try {
      return parse(Files.readString(HOST));
    } catch (IOException e) {
      throw new CriException.Internal("read " + HOST + ": " + e.getMessage(), e);
    }
  }

  /** man 5 proc: two lines of heading, then {@code name: 8 numbers received, 8 sent}. */
  static Interfaces parse(String text) {
    Map<String, Counters> found = new HashMap<>();
    for (String line : text.split("\n")) {
      int colon = line.lastIndexOf(':');
      if (colon < 0) {
        continue;
      }
      String[] fields = line.substring(colon + 1).strip().split(" +");
      if (fields.length >= FIELDS) {
        found.put(
            line.substring(0, colon).strip(),
            new Counters(
                Long.parseUnsignedLong(fields[0]),
                Long.parseUnsignedLong(fields[RX_ERRORS]),
                Long.parseUnsignedLong(fields[TX_BYTES]),
                Long.parseUnsignedLong(fields[TX_ERRORS])));
      }
    }
    return new Interfaces(found);
  }

  /** What the pod at the other end of that interface received and sent; empty if it is gone. */
  Optional<Counters> ofPodBehind(String hostInterface) {
    return Optional.ofNullable(byName.get(hostInterface)).map(Counters::swapped);
  }
}
