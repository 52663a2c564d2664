package io.onggi.cgroup;

import java.util.List;

/**
 * What is asked of systemd. Each call returns when systemd has done it.
 *
 * <p>Failures are {@code CriException.Unavailable} when systemd cannot be reached or does not
 * answer, {@code CriException.Internal} naming the unit when it refuses.
 */
public interface Systemd {
  /**
   * Starts a unit that lives until it is stopped or, a scope, until its last process ends. One that
   * is there already under that name, left by a daemon that was killed, is stopped first.
   */
  void start(String unit, List<UnitProperty> properties);

  /** Changes a unit's properties until it ends. */
  void set(String unit, List<UnitProperty> properties);

  /** Ends a unit and forgets that it failed; success if there is none. */
  void stop(String unit);
}
