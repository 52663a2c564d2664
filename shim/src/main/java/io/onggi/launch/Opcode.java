package io.onggi.launch;

/** The protocol's numbers and names of settings and steps (PROTOCOL.md, section 2). */
public enum Opcode {
  SOCKET(0x0001),
  EXIT_RECORD(0x0002),
  LOG(0x0003),
  STDIO(0x0004),
  CLONE(0x0005),
  OOM_COUNTER(0x0006),
  MEMORY_PEAK(0x0007),
  EXEC_CGROUP(0x0008),
  KILL_CGROUP(0x0009),
  PID_NS(0x000a),
  START_TIMEOUT(0x000b),
  SHIM_OOM_SCORE(0x000c),
  ID_MAPS(0x000d),
  JOIN_NS(0x0100),
  JOIN_CONTAINER(0x0101),
  UNSHARE(0x0102),
  JOIN_CGROUP(0x0103),
  PROPAGATION(0x0104),
  OPEN_TREE(0x0110),
  NEW_FS(0x0111),
  OVERLAY(0x0112),
  SET_ATTR(0x0113),
  ATTACH_ROOT(0x0114),
  ATTACH(0x0115),
  PATH_ATTR(0x0116),
  IDMAP(0x0117),
  NEED_PROPAGATION(0x0118),
  SUBTREE(0x0119),
  SELF_BIND(0x011a),
  PROBED(0x011f),
  MKDIR(0x0120),
  MKNOD(0x0121),
  SYMLINK(0x0122),
  MASK(0x0123),
  READONLY(0x0124),
  SYSCTL(0x0125),
  HOSTNAME(0x0126),
  OPEN_NS(0x0127),
  PIVOT(0x0128),
  ENTER_NS(0x0129),
  STDIO_OWNER(0x012a),
  FS_OWNER(0x012b),
  PLACE(0x012c),
  TERMINAL(0x0130),
  RLIMIT(0x0131),
  OOM_SCORE_ADJ(0x0132),
  CHDIR(0x0133),
  UMASK(0x0134),
  NO_NEW_PRIVS(0x0135),
  CREDENTIALS(0x0136),
  SECCOMP(0x0137),
  EXEC(0x0138),
  INIT(0x0139);

  /** Opcodes below are settings. */
  static final int FIRST_STEP = 0x0100;

  private static final Opcode[] BY_CODE = new Opcode[INIT.code + 1];

  static {
    for (Opcode opcode : values()) {
      BY_CODE[opcode.code] = opcode;
    }
  }

  private final int code;

  Opcode(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  public boolean isSetting() {
    return code < FIRST_STEP;
  }

  /**
   * The opcode of a number.
   *
   * @throws WireException when there is none
   */
  static Opcode of(int code) {
    Opcode found = code < BY_CODE.length ? BY_CODE[code] : null;
    if (found == null) {
      throw new WireException("unknown opcode 0x%04x".formatted(code));
    }
    return found;
  }

  public static Opcode of(Setting setting) {
    return switch (setting) {
      case Setting.Socket _ -> SOCKET;
      case Setting.ExitRecordFile _ -> EXIT_RECORD;
      case Setting.Log _ -> LOG;
      case Setting.Stdio _ -> STDIO;
      case Setting.Clone _ -> CLONE;
      case Setting.OomCounter _ -> OOM_COUNTER;
      case Setting.MemoryPeak _ -> MEMORY_PEAK;
      case Setting.ExecCgroup _ -> EXEC_CGROUP;
      case Setting.KillCgroup _ -> KILL_CGROUP;
      case Setting.PidNs _ -> PID_NS;
      case Setting.StartTimeout _ -> START_TIMEOUT;
      case Setting.ShimOomScore _ -> SHIM_OOM_SCORE;
      case Setting.IdMaps _ -> ID_MAPS;
    };
  }

  public static Opcode of(LaunchStep step) {
    return switch (step) {
      case LaunchStep.JoinNs _ -> JOIN_NS;
      case LaunchStep.JoinContainer _ -> JOIN_CONTAINER;
      case LaunchStep.Unshare _ -> UNSHARE;
      case LaunchStep.JoinCgroup _ -> JOIN_CGROUP;
      case LaunchStep.Propagation _ -> PROPAGATION;
      case LaunchStep.OpenTree _ -> OPEN_TREE;
      case LaunchStep.NewFs _ -> NEW_FS;
      case LaunchStep.Overlay _ -> OVERLAY;
      case LaunchStep.SetAttr _ -> SET_ATTR;
      case LaunchStep.AttachRoot _ -> ATTACH_ROOT;
      case LaunchStep.Attach _ -> ATTACH;
      case LaunchStep.PathAttr _ -> PATH_ATTR;
      case LaunchStep.IdMap _ -> IDMAP;
      case LaunchStep.NeedPropagation _ -> NEED_PROPAGATION;
      case LaunchStep.Subtree _ -> SUBTREE;
      case LaunchStep.SelfBind _ -> SELF_BIND;
      case LaunchStep.Probed _ -> PROBED;
      case LaunchStep.Mkdir _ -> MKDIR;
      case LaunchStep.Mknod _ -> MKNOD;
      case LaunchStep.Symlink _ -> SYMLINK;
      case LaunchStep.Mask _ -> MASK;
      case LaunchStep.Readonly _ -> READONLY;
      case LaunchStep.Sysctl _ -> SYSCTL;
      case LaunchStep.Hostname _ -> HOSTNAME;
      case LaunchStep.OpenNs _ -> OPEN_NS;
      case LaunchStep.Pivot _ -> PIVOT;
      case LaunchStep.EnterNs _ -> ENTER_NS;
      case LaunchStep.StdioOwner _ -> STDIO_OWNER;
      case LaunchStep.FsOwner _ -> FS_OWNER;
      case LaunchStep.Place _ -> PLACE;
      case LaunchStep.Terminal _ -> TERMINAL;
      case LaunchStep.Rlimit _ -> RLIMIT;
      case LaunchStep.OomScoreAdj _ -> OOM_SCORE_ADJ;
      case LaunchStep.Chdir _ -> CHDIR;
      case LaunchStep.Umask _ -> UMASK;
      case LaunchStep.NoNewPrivs _ -> NO_NEW_PRIVS;
      case LaunchStep.Credentials _ -> CREDENTIALS;
      case LaunchStep.Seccomp _ -> SECCOMP;
      case LaunchStep.Exec _ -> EXEC;
      case LaunchStep.Init _ -> INIT;
    };
  }
}
