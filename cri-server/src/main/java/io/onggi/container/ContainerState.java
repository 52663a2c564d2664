package io.onggi.container;

import java.time.Instant;

/**
 * Where a container stands; in-flight claims are states.
 *
 * <pre>
 *              StartContainer          the process runs            it ends
 *   Created ──────────────▶ Starting ──────────────▶ Running ─────────────▶ Exited
 *      │                        │ a step fails (StartError, 128)               ▲ │
 *      │                        └──────────────────────────────────────────────┘ │
 *      └──────────────────────▶ Removing ◀───────────────────────────────────────┘
 * </pre>
 */
public sealed interface ContainerState {
  /** Kept on disk; no process yet. */
  record Created() implements ContainerState {}

  /** A StartContainer has claimed it. */
  record Starting(Instant at) implements ContainerState {}

  /**
   * Its first process lives.
   *
   * @param pid in the host's view
   * @param startTime field 22 of /proc/PID/stat, clock ticks since boot; guards pid reuse
   */
  record Running(int pid, long startTime, Instant startedAt) implements ContainerState {}

  /**
   * Its first process is gone, or never came to be.
   *
   * @param exitCode 0..255; 128 + signal; 128 when a start step failed
   * @param reason Completed, Error, OOMKilled, StartError or Unknown
   * @param message what failed, for people; empty when all went well
   */
  record Exited(Instant startedAt, Instant finishedAt, int exitCode, String reason, String message)
      implements ContainerState {}

  /** A RemoveContainer has claimed it. */
  record Removing() implements ContainerState {}

  /** Whether a container in this state may go to the next; the chart above as a table. */
  default boolean allows(ContainerState next) {
    return switch (this) {
      case Created _ -> next instanceof Starting || next instanceof Removing;
      case Starting _ -> next instanceof Running || next instanceof Exited;
      case Running _ -> next instanceof Exited;
      case Exited _ -> next instanceof Removing;
      case Removing _ -> false;
    };
  }
}
