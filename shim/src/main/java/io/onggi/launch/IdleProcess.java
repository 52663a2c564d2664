package io.onggi.launch;

import io.onggi.linux.ChildReaper;
import io.onggi.linux.Pipe;

/**
 * A process that does nothing: it stands where the kernel or systemd wants one before the real one
 * is there. It ends when this is closed, and when this JVM dies.
 */
public final class IdleProcess implements AutoCloseable {
  private final int pid;
  private final Pipe pipe;

  private IdleProcess(int pid, Pipe pipe) {
    this.pid = pid;
    this.pipe = pipe;
  }

  /**
   * @param reaper takes it when it has ended
   */
  public static IdleProcess start(ShimBinary binary, ChildReaper reaper) {
    Pipe pipe = Pipe.open();
    try {
      int pid = binary.spawnHolder(pipe.readEnd());
      reaper.adopt(pid);
      return new IdleProcess(pid, pipe);
    } catch (RuntimeException e) {
      pipe.close();
      throw e;
    }
  }

  public int pid() {
    return pid;
  }

  /** Lets it end; does not wait for that. Idempotent. */
  @Override
  public void close() {
    pipe.close();
  }
}
