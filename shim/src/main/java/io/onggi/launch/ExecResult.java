package io.onggi.launch;

import java.util.Arrays;

/**
 * The end of an exec.
 *
 * @param exitCode 0..255; 128 + signal when killed
 * @param stdout not copied: the receiver owns it
 */
@SuppressWarnings("ArrayRecordComponent") // up to 16 MiB, handed over once and never compared
public record ExecResult(
    int exitCode,
    byte[] stdout,
    byte[] stderr,
    boolean timedOut,
    boolean stdoutTruncated,
    boolean stderrTruncated) {

  /**
   * The same with at most {@code total} bytes of output. When both are longer than half of it, each
   * is cut to that; else the longer one gets what the other leaves.
   */
  public ExecResult within(int total) {
    int half = total / 2;
    int out = Math.min(stdout.length, Math.max(half, total - stderr.length));
    int err = Math.min(stderr.length, total - out);
    if (out == stdout.length && err == stderr.length) {
      return this;
    }
    return new ExecResult(
        exitCode,
        Arrays.copyOf(stdout, out),
        Arrays.copyOf(stderr, err),
        timedOut,
        stdoutTruncated || out < stdout.length,
        stderrTruncated || err < stderr.length);
  }
}
