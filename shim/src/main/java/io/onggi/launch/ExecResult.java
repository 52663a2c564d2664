package io.onggi.launch;

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
    boolean stderrTruncated) {}
