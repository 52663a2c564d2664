package io.onggi.launch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a shim leaves behind (PROTOCOL.md, section 5).
 *
 * @param startTime clock ticks since boot, as in {@link Started}
 * @param exitCode 0..255; 128 + signal when a signal ended it
 * @param signal 0: left by exit
 * @param memoryPeak bytes; 0: unknown
 */
public record ExitRecord(
    int pid,
    long startTime,
    Instant startedAt,
    Instant finishedAt,
    int exitCode,
    int signal,
    long oomKills,
    long memoryPeak,
    long lostLines,
    long lostBytes) {
  private static final String FIRST = "onggi-exit 1";
  private static final String LAST = "end";
  private static final List<String> KEYS =
      List.of(
          "pid",
          "start_time",
          "started_ns",
          "finished_ns",
          "exit_code",
          "signal",
          "oom_kills",
          "memory_peak",
          "lost_lines",
          "lost_bytes");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,19}");
  private static final int MAX_BYTES = 4096;
  private static final long NANOS = 1_000_000_000L;

  public ExitRecord {
    Check.range("exit record pid", pid, 1, Integer.MAX_VALUE);
    Check.range("exit code", exitCode, 0, 255);
    Check.range("exit signal", signal, 0, 64);
  }

  public boolean oomKilled() {
    return oomKills > 0;
  }

  /**
   * The record in {@code file}; empty when there is no file yet.
   *
   * @throws WireException when the file is no whole record
   */
  public static Optional<ExitRecord> read(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new WireException(file + ": too long for an exit record");
      }
      return Optional.of(parse(Files.readString(file, StandardCharsets.ISO_8859_1)));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("reading exit record " + file, e);
    }
  }

  /**
   * @throws WireException naming the first line that is not as specified
   */
  public static ExitRecord parse(String text) {
    String[] lines = text.split("\n", -1);
    int last = KEYS.size() + 1;
    if (lines.length != last + 2 || !lines[last].equals(LAST) || !lines[last + 1].isEmpty()) {
      throw new WireException("exit record is not whole: line 'end' is not where it must be");
    }
    if (!lines[0].equals(FIRST)) {
      throw new WireException("exit record starts with '" + lines[0] + "', not '" + FIRST + "'");
    }
    long[] values = new long[KEYS.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = value(KEYS.get(i), lines[i + 1]);
    }
    try {
      return new ExitRecord(
          Math.toIntExact(values[0]),
          values[1],
          instant(values[2]),
          instant(values[3]),
          Math.toIntExact(values[4]),
          Math.toIntExact(values[5]),
          values[6],
          values[7],
          values[8],
          values[9]);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new WireException("exit record: " + e.getMessage(), e);
    }
  }

  private static long value(String key, String line) {
    String prefix = key + " ";
    if (!line.startsWith(prefix) || !NUMBER.matcher(line.substring(prefix.length())).matches()) {
      throw new WireException("exit record has '" + line + "' in the place of " + key);
    }
    try {
      return Long.parseLong(line, prefix.length(), line.length(), 10);
    } catch (NumberFormatException e) {
      throw new WireException("exit record: " + key + " is out of range", e);
    }
  }

  private static Instant instant(long nanos) {
    return Instant.ofEpochSecond(nanos / NANOS, nanos % NANOS);
  }

  private static long nanos(Instant instant) {
    return instant.getEpochSecond() * NANOS + instant.getNano();
  }

  /** The record as the shim writes it. */
  public String text() {
    long[] values = {
      pid,
      startTime,
      nanos(startedAt),
      nanos(finishedAt),
      exitCode,
      signal,
      oomKills,
      memoryPeak,
      lostLines,
      lostBytes
    };
    StringBuilder out = new StringBuilder(FIRST).append('\n');
    for (int i = 0; i < values.length; i++) {
      out.append(KEYS.get(i)).append(' ').append(values[i]).append('\n');
    }
    return out.append(LAST).append('\n').toString();
  }
}
