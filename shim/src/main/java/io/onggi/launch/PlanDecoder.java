package io.onggi.launch;

import io.onggi.launch.LaunchStep.CapabilitySets;
import io.onggi.launch.LaunchStep.Owner;
import io.onggi.launch.LaunchStep.Upper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Bytes to a plan, strictly: an entry must be understood whole and fill its length exactly. */
final class PlanDecoder {
  private PlanDecoder() {}

  static LaunchPlan decode(byte[] bytes) {
    if (bytes.length > Check.MAX_PLAN) {
      throw new WireException("plan of " + bytes.length + " bytes, at most " + Check.MAX_PLAN);
    }
    WireReader in = new WireReader(bytes);
    int count = header(in, bytes.length);
    List<Setting> settings = new ArrayList<>();
    List<LaunchStep> steps = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      try {
        entry(in, settings, steps);
      } catch (WireException | IllegalArgumentException e) {
        throw new WireException("plan entry " + i + ": " + e.getMessage(), e);
      }
    }
    in.end();
    try {
      return new LaunchPlan(settings, steps);
    } catch (IllegalArgumentException e) {
      throw new WireException("plan: " + e.getMessage(), e);
    }
  }

  private static int header(WireReader in, int length) {
    if (!Arrays.equals(in.raw(4), PlanCodec.MAGIC)) {
      throw new WireException("not a plan: magic is not ONGP");
    }
    int version = in.u16();
    if (version != PlanCodec.VERSION) {
      throw new WireException(
          "plan version " + version + ", this program knows " + PlanCodec.VERSION);
    }
    zero(in.u16());
    int total = in.size();
    if (total != length) {
      throw new WireException("plan says " + total + " bytes, the file has " + length);
    }
    return in.count(8);
  }

  private static void zero(int reserved) {
    if (reserved != 0) {
      throw new WireException("reserved field is " + reserved + ", not zero");
    }
  }

  private static void entry(WireReader in, List<Setting> settings, List<LaunchStep> steps) {
    Opcode opcode = Opcode.of(in.u16());
    zero(in.u16());
    WireReader payload = in.slice(in.size());
    if (opcode.isSetting()) {
      if (!steps.isEmpty()) {
        throw new WireException("setting " + opcode + " after a step");
      }
      settings.add(setting(opcode, payload));
    } else {
      steps.add(step(opcode, payload));
    }
    payload.end();
  }

  private static Setting setting(Opcode opcode, WireReader in) {
    return switch (opcode) {
      case SOCKET -> new Setting.Socket(in.str());
      case EXIT_RECORD -> new Setting.ExitRecordFile(in.str());
      case LOG -> new Setting.Log(in.str(), in.size());
      case STDIO -> stdio(in.flags(7));
      case CLONE -> new Setting.Clone(in.u64(), in.str());
      case OOM_COUNTER -> new Setting.OomCounter(in.str(), in.str());
      case MEMORY_PEAK -> new Setting.MemoryPeak(in.str());
      case EXEC_CGROUP -> new Setting.ExecCgroup(in.size(), in.str());
      case KILL_CGROUP -> new Setting.KillCgroup(in.size(), in.str());
      case PID_NS -> new Setting.PidNs(in.str());
      case START_TIMEOUT -> new Setting.StartTimeout(Duration.ofNanos(in.u64()));
      case SHIM_OOM_SCORE -> new Setting.ShimOomScore(in.i32());
      case ID_MAPS -> new Setting.IdMaps(in.str(), in.str());
      case JOIN_NS,
          JOIN_CONTAINER,
          UNSHARE,
          JOIN_CGROUP,
          PROPAGATION,
          OPEN_TREE,
          NEW_FS,
          OVERLAY,
          SET_ATTR,
          ATTACH_ROOT,
          ATTACH,
          PATH_ATTR,
          IDMAP,
          NEED_PROPAGATION,
          SUBTREE,
          SELF_BIND,
          PROBED,
          MKDIR,
          MKNOD,
          SYMLINK,
          MASK,
          READONLY,
          SYSCTL,
          HOSTNAME,
          OPEN_NS,
          PIVOT,
          ENTER_NS,
          STDIO_OWNER,
          FS_OWNER,
          PLACE,
          TERMINAL,
          RLIMIT,
          OOM_SCORE_ADJ,
          CHDIR,
          UMASK,
          NO_NEW_PRIVS,
          CREDENTIALS,
          SECCOMP,
          EXEC,
          INIT ->
          throw new WireException(opcode + " is no setting");
    };
  }

  private static Setting stdio(int flags) {
    return new Setting.Stdio((flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0);
  }

  private static LaunchStep step(Opcode opcode, WireReader in) {
    return switch (opcode) {
      case JOIN_NS -> new LaunchStep.JoinNs(in.u64(), in.str());
      case JOIN_CONTAINER -> new LaunchStep.JoinContainer(in.u64());
      case UNSHARE -> new LaunchStep.Unshare(in.u64());
      case JOIN_CGROUP -> new LaunchStep.JoinCgroup(in.str());
      case PROPAGATION -> new LaunchStep.Propagation(in.u64());
      case OPEN_TREE -> new LaunchStep.OpenTree(in.size(), in.flag(), in.str());
      case NEW_FS -> new LaunchStep.NewFs(in.size(), in.u64(), in.str(), in.str(), in.strs());
      case OVERLAY -> overlay(in);
      case SET_ATTR -> new LaunchStep.SetAttr(in.size(), in.flag(), in.u64(), in.u64(), in.u64());
      case ATTACH_ROOT -> new LaunchStep.AttachRoot(in.size(), in.str());
      case ATTACH -> new LaunchStep.Attach(in.size(), in.flag(), in.size(), in.str());
      case PATH_ATTR -> new LaunchStep.PathAttr(in.flag(), in.u64(), in.u64(), in.u64(), in.str());
      case IDMAP -> new LaunchStep.IdMap(in.size(), in.flag(), in.size(), in.str());
      case NEED_PROPAGATION -> new LaunchStep.NeedPropagation(needsShared(in.size()), in.str());
      case SUBTREE -> new LaunchStep.Subtree(in.size(), in.str(), in.str());
      case SELF_BIND -> new LaunchStep.SelfBind(in.str());
      case PROBED -> new LaunchStep.Probed();
      case MKDIR -> new LaunchStep.Mkdir(in.size(), owner(in), in.str());
      case MKNOD -> new LaunchStep.Mknod(in.size(), in.size(), in.size(), owner(in), in.str());
      case SYMLINK -> new LaunchStep.Symlink(in.str(), in.str());
      case MASK -> new LaunchStep.Mask(in.str());
      case READONLY -> new LaunchStep.Readonly(in.str());
      case SYSCTL -> new LaunchStep.Sysctl(in.str(), in.str());
      case HOSTNAME -> new LaunchStep.Hostname(in.str());
      case OPEN_NS -> new LaunchStep.OpenNs(in.size(), in.str());
      case ENTER_NS -> new LaunchStep.EnterNs(in.size(), in.u64());
      case STDIO_OWNER -> new LaunchStep.StdioOwner(owner(in));
      case FS_OWNER -> new LaunchStep.FsOwner(owner(in));
      case PLACE -> new LaunchStep.Place(in.size(), in.str());
      case PIVOT -> new LaunchStep.Pivot();
      case TERMINAL -> new LaunchStep.Terminal(in.size(), in.size(), in.flag());
      case RLIMIT -> new LaunchStep.Rlimit(in.size(), in.u64(), in.u64());
      case OOM_SCORE_ADJ -> new LaunchStep.OomScoreAdj(in.i32());
      case CHDIR -> new LaunchStep.Chdir(in.str());
      case UMASK -> new LaunchStep.Umask(in.size());
      case NO_NEW_PRIVS -> new LaunchStep.NoNewPrivs();
      case CREDENTIALS ->
          new LaunchStep.Credentials(in.u32(), in.u32(), in.u32s(), capabilities(in));
      case SECCOMP -> new LaunchStep.Seccomp(in.i32(), BpfProgram.of(in.bytes()));
      case EXEC -> new LaunchStep.Exec(in.flag(), in.str(), in.strs(), in.strs());
      case INIT -> new LaunchStep.Init();
      case SOCKET,
          EXIT_RECORD,
          LOG,
          STDIO,
          CLONE,
          OOM_COUNTER,
          MEMORY_PEAK,
          EXEC_CGROUP,
          KILL_CGROUP,
          PID_NS,
          START_TIMEOUT,
          SHIM_OOM_SCORE,
          ID_MAPS ->
          throw new WireException(opcode + " is no step");
    };
  }

  private static boolean needsShared(int kind) {
    if (kind != 1 && kind != 2) {
      throw new WireException("propagation of kind " + kind + ", must be 1 or 2");
    }
    return kind == 1;
  }

  private static Owner owner(WireReader in) {
    return new Owner(in.u32(), in.u32());
  }

  private static CapabilitySets capabilities(WireReader in) {
    return new CapabilitySets(in.u64(), in.u64(), in.u64(), in.u64(), in.u64());
  }

  private static LaunchStep overlay(WireReader in) {
    int slot = in.size();
    long attrs = in.u64();
    String upper = in.str();
    String work = in.str();
    if (upper.isEmpty() != work.isEmpty()) {
      throw new WireException("overlay has one of upper and work");
    }
    return new LaunchStep.Overlay(
        slot,
        attrs,
        upper.isEmpty() ? Optional.empty() : Optional.of(new Upper(upper, work)),
        in.strs(),
        in.strs(),
        in.str());
  }
}
