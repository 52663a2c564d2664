package io.onggi.linux;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Reaps children when they end: one thread sleeps in epoll over their pidfds, whatever their
 * number. Costs one descriptor a child. waitpid(-1) would do without, but would steal the children
 * that the JDK's own Process waits for. Thread-safe.
 */
public final class ChildReaper implements AutoCloseable {
  private static final Logger LOG = System.getLogger(ChildReaper.class.getName());
  private static final int EPOLL_CLOEXEC = 0x80000;
  private static final int EPOLL_CTL_ADD = 1;
  private static final int EPOLL_CTL_DEL = 2;
  private static final int EPOLLIN = 1;
  private static final long STOP = -1;

  /** struct epoll_event is packed on x86-64 only (sys/epoll.h). */
  private static final int DATA = Platform.isIntel() ? 4 : 8;

  private static final int EVENT = DATA + 8;

  static {
    Native.register(ChildReaper.class, "c");
  }

  private final int epoll;
  private final Pipe stop;
  private final Thread thread;

  public ChildReaper() {
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) {
      throw new LinuxException("epoll_create1", "", Native.getLastError());
    }
    stop = Pipe.open();
    add(stop.readEnd(), STOP, "stop pipe");
    thread = Thread.ofPlatform().name("child-reaper").daemon().unstarted(this::run);
    thread.start();
  }

  /** From now on {@code pid}, a child of this process, is reaped when it ends. */
  public void adopt(int pid) {
    int pidfd = Processes.pidfdOpen(pid);
    // The number in the event names both: pids and descriptors are 31 bits.
    try {
      add(pidfd, ((long) pid << 32) | pidfd, "pid " + pid);
    } catch (LinuxException e) {
      Processes.closeFd(pidfd);
      throw e;
    }
  }

  private void add(int fd, long data, String object) {
    try (Memory event = new Memory(EVENT)) {
      event.setInt(0, EPOLLIN);
      event.setLong(DATA, data);
      if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, event) != 0) {
        throw new LinuxException("epoll_ctl", object, Native.getLastError());
      }
    }
  }

  private void run() {
    try (Memory event = new Memory(EVENT)) {
      while (true) {
        int count = epoll_wait(epoll, event, 1, -1);
        if (count < 0 && Native.getLastError() != Errno.EINTR) {
          LOG.log(
              Level.ERROR,
              "children are no longer reaped: epoll_wait: "
                  + Errno.describe(Native.getLastError()));
          return;
        }
        if (count < 1) {
          continue;
        }
        long data = event.getLong(DATA);
        if (data == STOP) {
          return;
        }
        Processes.reapIfEnded((int) (data >>> 32));
        forget((int) data);
      }
    }
  }

  /**
   * Taken from the set before it is closed: a child that is being spawned just now holds a copy of
   * the descriptor until its exec, and with it epoll would tell of this end again (man 7 epoll,
   * Q6), under a number that by then is another file's.
   */
  private void forget(int pidfd) {
    if (epoll_ctl(epoll, EPOLL_CTL_DEL, pidfd, Pointer.NULL) != 0) {
      LOG.log(
          Level.WARNING,
          "epoll_ctl del of a reaped child, ignoring: " + Errno.describe(Native.getLastError()));
    }
    Processes.closeFd(pidfd);
  }

  /** Ends the thread; children that still run are left to be reaped by init. */
  @Override
  public void close() {
    stop.closeWriteEnd();
    try {
      thread.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    stop.close();
    Processes.closeFd(epoll);
  }

  private static native int epoll_create1(int flags);

  private static native int epoll_ctl(int epoll, int operation, int fd, Pointer event);

  private static native int epoll_wait(int epoll, Pointer events, int max, int millis);
}
