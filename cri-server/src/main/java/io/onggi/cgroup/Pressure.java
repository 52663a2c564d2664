package io.onggi.cgroup;

import java.util.Optional;

/**
 * Time lost to waiting for one resource (kernel Documentation/accounting/psi.rst).
 *
 * @param some at least one task waited
 * @param full no task could run; empty where the kernel does not tell (cpu before 5.13)
 */
public record Pressure(Stall some, Optional<Stall> full) {

  /**
   * @param avg10 per cent of the last 10 seconds, and so on
   * @param totalNanos since the cgroup was made
   */
  public record Stall(double avg10, double avg60, double avg300, long totalNanos) {}

  private static final int FIELDS = 5;
  private static final long NANOS_PER_MICRO = 1000;

  /** Reads a pressure file; empty if it has no such line as the kernel writes. */
  static Optional<Pressure> parse(String text) {
    Optional<Stall> some = Optional.empty();
    Optional<Stall> full = Optional.empty();
    for (String line : text.split("\n")) {
      String[] fields = line.split(" ");
      if (fields.length == FIELDS && fields[0].equals("some")) {
        some = Optional.of(stall(fields));
      } else if (fields.length == FIELDS && fields[0].equals("full")) {
        full = Optional.of(stall(fields));
      }
    }
    Optional<Stall> whole = full;
    return some.map(s -> new Pressure(s, whole));
  }

  /** {@code some avg10=0.00 avg60=0.00 avg300=0.00 total=0}, the total in microseconds. */
  private static Stall stall(String[] fields) {
    return new Stall(
        Double.parseDouble(value(fields[1])),
        Double.parseDouble(value(fields[2])),
        Double.parseDouble(value(fields[3])),
        Long.parseLong(value(fields[4])) * NANOS_PER_MICRO);
  }

  private static String value(String field) {
    return field.substring(field.indexOf('=') + 1);
  }
}
