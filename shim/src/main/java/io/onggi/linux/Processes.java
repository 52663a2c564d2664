package io.onggi.linux;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.StringArray;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** Processes: made by posix_spawn, known by pid and start time, signalled through pidfds. */
public final class Processes {
  /** Field 22 of /proc/PID/stat, counted from the one behind the command's closing parenthesis. */
  private static final int START_TIME_AFTER_COMMAND = 19;

  private static final long SYS_PIDFD_SEND_SIGNAL = 424;
  private static final long SYS_PIDFD_OPEN = 434;
  private static final int O_RDWR = 2;
  private static final short POSIX_SPAWN_SETSIGDEF = 4;
  private static final short POSIX_SPAWN_SETSIGMASK = 8;

  /** More than posix_spawnattr_t and posix_spawn_file_actions_t of glibc (336, 80) and musl. */
  private static final int OPAQUE = 512;

  private static final int SIGSET = 128;
  private static final int WNOHANG = 1;

  static {
    Native.register(Processes.class, "c");
  }

  private Processes() {}

  /**
   * How a child ended.
   *
   * @param code 0..255; 128 + signal when killed
   * @param signal 0: left by exit
   */
  public record Ended(int code, int signal) {
    static Ended of(int status) {
      int signal = status & 0x7f;
      return signal == 0 ? new Ended((status >> 8) & 0xff, 0) : new Ended(128 + signal, signal);
    }
  }

  /**
   * Starts {@code file} with descriptors 0-2 on /dev/null and 3 on {@code fd3}. Signals are at
   * their defaults and unblocked. Descriptors of this process that are not close-on-exec reach the
   * child, which must close them: the shim closes all but 0-3 first.
   *
   * @param file absolute; /proc/self/fd/N with N above 3 names an open file
   * @return the child's pid; it must be reaped
   */
  public static int spawn(String file, List<String> argv, List<String> env, int fd3) {
    try (Memory actions = new Memory(OPAQUE);
        Memory attributes = new Memory(OPAQUE)) {
      check("posix_spawn_file_actions_init", file, posix_spawn_file_actions_init(actions));
      check("posix_spawnattr_init", file, posix_spawnattr_init(attributes));
      try {
        check("posix_spawn", file, descriptors(actions, fd3));
        check("posix_spawn", file, signals(attributes));
        int[] pid = new int[1];
        int failed = posix_spawn(pid, file, actions, attributes, strings(argv), strings(env));
        check("posix_spawn", file, failed);
        return pid[0];
      } finally {
        posix_spawnattr_destroy(attributes);
        posix_spawn_file_actions_destroy(actions);
      }
    }
  }

  private static int descriptors(Pointer actions, int fd3) {
    // fd 3 first: fd3 itself could be 0-2; dup2 onto itself clears close-on-exec (glibc >= 2.29).
    int failed = posix_spawn_file_actions_adddup2(actions, fd3, 3);
    for (int fd = 0; failed == 0 && fd < 3; fd++) {
      failed = posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_RDWR, 0);
    }
    return failed;
  }

  private static int signals(Pointer attributes) {
    try (Memory set = new Memory(SIGSET)) {
      sigemptyset(set);
      int failed = posix_spawnattr_setsigmask(attributes, set);
      sigfillset(set);
      failed = failed != 0 ? failed : posix_spawnattr_setsigdefault(attributes, set);
      return failed != 0
          ? failed
          : posix_spawnattr_setflags(
              attributes, (short) (POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK));
    }
  }

  private static StringArray strings(List<String> values) {
    return new StringArray(values.toArray(String[]::new), StandardCharsets.UTF_8.name());
  }

  private static void check(String operation, String object, int errno) {
    if (errno != 0) {
      throw new LinuxException(operation, object, errno);
    }
  }

  /**
   * Waits for a child's end and reaps it; blocks.
   *
   * @throws LinuxException ECHILD when it is no child of this process or reaped already
   */
  public static Ended await(int pid) {
    int[] status = new int[1];
    while (waitpid(pid, status, 0) != pid) {
      int errno = Native.getLastError();
      if (errno != Errno.EINTR) {
        throw new LinuxException("waitpid", Integer.toString(pid), errno);
      }
    }
    return Ended.of(status[0]);
  }

  /** Reaps a child that has ended; does nothing for one that runs, or that is none of ours. */
  public static void reapIfEnded(int pid) {
    waitpid(pid, new int[1], WNOHANG);
  }

  /**
   * A close-on-exec descriptor of the process, readable when it has ended (man 2 pidfd_open).
   *
   * @throws LinuxException ESRCH when there is no such process
   */
  public static int pidfdOpen(int pid) {
    long fd = syscall(SYS_PIDFD_OPEN, pid, 0, 0, 0);
    if (fd < 0) {
      throw new LinuxException("pidfd_open", Integer.toString(pid), Native.getLastError());
    }
    return (int) fd;
  }

  /**
   * Sends a signal to the very process that {@code pidfd} was opened for.
   *
   * @throws LinuxException ESRCH when it has ended
   */
  public static void signal(int pidfd, int signal) {
    if (syscall(SYS_PIDFD_SEND_SIGNAL, pidfd, signal, 0, 0) != 0) {
      throw new LinuxException("pidfd_send_signal", "signal " + signal, Native.getLastError());
    }
  }

  public static void closeFd(int fd) {
    close(fd);
  }

  /**
   * Kills the process only if it is still the one that started at {@code startTime}; idempotent.
   *
   * @return false when that process is gone
   */
  public static boolean kill(int pid, long startTime, int signal) {
    int pidfd;
    try {
      pidfd = pidfdOpen(pid);
    } catch (LinuxException e) {
      if (e.is(Errno.ESRCH) || e.is(Errno.EINVAL)) {
        return false;
      }
      throw e;
    }
    try {
      // Read after the open: from here on the pidfd stands for the process that the pid names.
      if (!isAlive(pid, startTime)) {
        return false;
      }
      signal(pidfd, signal);
      return true;
    } catch (LinuxException e) {
      if (e.is(Errno.ESRCH)) {
        return false;
      }
      throw e;
    } finally {
      close(pidfd);
    }
  }

  /** Clock ticks since boot at which the process began; empty when there is no such process. */
  public static OptionalLong startTime(int pid) {
    String[] fields = statAfterCommand(pid);
    return fields.length > START_TIME_AFTER_COMMAND
        ? OptionalLong.of(Long.parseLong(fields[START_TIME_AFTER_COMMAND]))
        : OptionalLong.empty();
  }

  /** True while that very process runs; a zombie does not. */
  public static boolean isAlive(int pid, long startTime) {
    String[] fields = statAfterCommand(pid);
    return fields.length > START_TIME_AFTER_COMMAND
        && Long.parseLong(fields[START_TIME_AFTER_COMMAND]) == startTime
        && !fields[0].equals("Z")
        && !fields[0].equals("X");
  }

  private static String[] statAfterCommand(int pid) {
    try {
      String stat =
          Files.readString(
              Path.of("/proc", Integer.toString(pid), "stat"), StandardCharsets.ISO_8859_1);
      // The command may hold spaces and parentheses: the last parenthesis ends it.
      return stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    } catch (IOException _) {
      // No such process, or one that ended between open and read (ESRCH).
      return new String[0];
    }
  }

  private static native int posix_spawn(
      int[] pid, String path, Pointer actions, Pointer attributes, Pointer argv, Pointer env);

  private static native int posix_spawn_file_actions_init(Pointer actions);

  private static native int posix_spawn_file_actions_destroy(Pointer actions);

  private static native int posix_spawn_file_actions_adddup2(Pointer actions, int from, int to);

  private static native int posix_spawn_file_actions_addopen(
      Pointer actions, int fd, String path, int flags, int mode);

  private static native int posix_spawnattr_init(Pointer attributes);

  private static native int posix_spawnattr_destroy(Pointer attributes);

  private static native int posix_spawnattr_setflags(Pointer attributes, short flags);

  private static native int posix_spawnattr_setsigmask(Pointer attributes, Pointer set);

  private static native int posix_spawnattr_setsigdefault(Pointer attributes, Pointer set);

  private static native int sigemptyset(Pointer set);

  private static native int sigfillset(Pointer set);

  private static native int waitpid(int pid, int[] status, int options);

  private static native long syscall(long number, long a, long b, long c, long d);

  private static native int close(int fd);
}
