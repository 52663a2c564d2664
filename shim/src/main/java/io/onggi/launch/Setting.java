package io.onggi.launch;

import static io.onggi.linux.KernelConstants.CLONE_NEW_ALL;

import java.time.Duration;

/** What the shim needs besides the steps; each kind at most once in a plan (PROTOCOL.md, 2). */
public sealed interface Setting {

  /**
   * The unix stream socket on which the shim listens; mode 0600.
   *
   * @param path 107 bytes at most (struct sockaddr_un)
   */
  record Socket(String path) implements Setting {
    private static final int MAX_PATH = 107;

    public Socket {
      Check.absolute("socket path", path);
      int length = RawText.bytes(path).length;
      if (length > MAX_PATH) {
        throw new IllegalArgumentException(
            "socket path %s has %d bytes, a unix socket's may have %d"
                .formatted(path, length, MAX_PATH));
      }
    }
  }

  /** Where the exit record goes. */
  record ExitRecordFile(String path) implements Setting {
    public ExitRecordFile {
      Check.absolute("exit record path", path);
    }
  }

  /**
   * The CRI log file; an empty path drops the output.
   *
   * @param maxLine bytes of content a line, 1..65536
   */
  record Log(String path, int maxLine) implements Setting {
    /** The kubelet's own limit on the content of one log line. */
    public static final int CRI_MAX_LINE = 16384;

    public Log {
      Check.absoluteOrEmpty("log path", path);
      Check.range("log max_line", maxLine, 1, 65536);
    }
  }

  /**
   * @param terminal the process gets a pseudo terminal
   * @param openStdin stdin stays open for an attach
   * @param stdinOnce stdin closes after the first attach
   */
  record Stdio(boolean terminal, boolean openStdin, boolean stdinOnce) implements Setting {}

  /**
   * @param flags CLONE_NEW* of the clone3
   * @param cgroup directory of a v2 cgroup for CLONE_INTO_CGROUP; empty: none
   */
  record Clone(long flags, String cgroup) implements Setting {
    public Clone {
      Check.mask("clone flags", flags, CLONE_NEW_ALL);
      Check.absoluteOrEmpty("clone cgroup", cgroup);
    }
  }

  /** A file with {@code key N} lines; N above zero at exit means an OOM kill. */
  record OomCounter(String path, String key) implements Setting {
    public OomCounter {
      Check.absolute("oom counter path", path);
      Check.filled("oom counter key", key);
    }
  }

  /** A file with one number, bytes. */
  record MemoryPeak(String path) implements Setting {
    public MemoryPeak {
      Check.absolute("memory peak path", path);
    }
  }

  /** Every exec gets a sub-cgroup of this directory (v1: the freezer's). */
  record ExecCgroup(int version, String dir) implements Setting {
    public ExecCgroup {
      Check.range("exec cgroup version", version, 1, 2);
      Check.absolute("exec cgroup", dir);
    }
  }

  /** The cgroup whose processes are the whole container (v1: the freezer's). */
  record KillCgroup(int version, String dir) implements Setting {
    public KillCgroup {
      Check.range("kill cgroup version", version, 1, 2);
      Check.absolute("kill cgroup", dir);
    }
  }

  /** Pinned pid namespace that the first process and every exec is born into. */
  record PidNs(String path) implements Setting {
    public PidNs {
      Check.absolute("pid namespace path", path);
    }
  }

  /** All steps must be done by then, counted from the shim's start. */
  record StartTimeout(Duration timeout) implements Setting {
    public StartTimeout {
      Check.range("start timeout (ns)", timeout.toNanos(), 1, Long.MAX_VALUE);
    }
  }

  /**
   * oom_score_adj of the shim itself, best effort.
   *
   * @param score -1000..1000
   */
  record ShimOomScore(int score) implements Setting {
    public ShimOomScore {
      Check.range("shim oom score", score, -1000, 1000);
    }
  }

  /**
   * Id maps of the new user namespace, as in /proc/PID/uid_map: lines of {@code inside outside
   * count}; only with CLONE_NEWUSER.
   */
  record IdMaps(String uids, String gids) implements Setting {
    public IdMaps {
      Check.filled("uid map", uids);
      Check.filled("gid map", gids);
    }
  }
}
