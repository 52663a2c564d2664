package io.onggi.cgroup;

/**
 * Gives a process that does nothing: systemd makes a scope only around a process, and a container's
 * own joins by itself later.
 */
@FunctionalInterface
public interface ScopeHolder {
  /** Starts one. */
  Held hold();

  /** It ends when closed, or with this daemon. */
  interface Held extends AutoCloseable {
    int pid();

    @Override
    void close();
  }
}
