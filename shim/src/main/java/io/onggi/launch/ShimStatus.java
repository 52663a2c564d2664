package io.onggi.launch;

/**
 * A live shim's answer.
 *
 * @param startTime clock ticks since boot
 * @param running false between the process's end and the shim's own
 * @param lostLines log lines that could not be written
 * @param execs running now
 */
public record ShimStatus(
    int pid, long startTime, boolean running, long lostLines, long lostBytes, int execs) {}
