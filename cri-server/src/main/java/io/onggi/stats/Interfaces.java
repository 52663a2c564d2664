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
  private static final int RX_PACKETS = 1;
  private static final int RX_ERRORS = 2;
  private static final int RX_DROPPED = 3;
  private static final int TX_PACKETS = 9;
  private static final int TX_DROPPED = 11;

  public Interfaces {
    byName = Map.copyOf(byName);
  }

  /** What one interface received and sent since it was made. */
  public record Counters(Direction received, Direction sent) {
    /** As the other end of the pair counts. */
    Counters swapped() {
      return new Counters(sent, received);
    }
  }

  /** Unsigned. */
  public record Direction(long bytes, long packets, long errors, long dropped) {}

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
                direction(fields, 0, RX_PACKETS, RX_ERRORS, RX_DROPPED),
                direction(fields, TX_BYTES, TX_PACKETS, TX_ERRORS, TX_DROPPED)));
      }
    }
    return new Interfaces(found);
  }

  private static Direction direction(
      String[] fields, int bytes, int packets, int errors, int dropped) {
    return new Direction(
        Long.parseUnsignedLong(fields[bytes]),
        Long.parseUnsignedLong(fields[packets]),
        Long.parseUnsignedLong(fields[errors]),
        Long.parseUnsignedLong(fields[dropped]));
  }

  /** What the pod at the other end of that interface received and sent; empty if it is gone. */
  Optional<Counters> ofPodBehind(String hostInterface) {
    return Optional.ofNullable(byName.get(hostInterface)).map(Counters::swapped);
  }
}
