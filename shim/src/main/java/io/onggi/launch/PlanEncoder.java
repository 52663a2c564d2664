package io.onggi.launch;

import io.onggi.launch.LaunchStep.CapabilitySets;
import io.onggi.launch.LaunchStep.Upper;

/** A plan as bytes: header, then one entry after another, each length filled in when known. */
final class PlanEncoder {
  static final int HEADER = 16;
  private final WireWriter out = new WireWriter();

  byte[] encode(LaunchPlan plan) {
    out.raw(PlanCodec.MAGIC.clone());
    out.u16(PlanCodec.VERSION);
    out.u16(0);
    out.u32(0);
    out.u32(plan.entries());
    for (Setting setting : plan.settings()) {
      int start = open(Opcode.of(setting));
      payload(setting);
      close(start);
    }
    for (LaunchStep step : plan.steps()) {
      int start = open(Opcode.of(step));
      payload(step);
      close(start);
    }
    if (out.length() > Check.MAX_PLAN) {
      throw new IllegalArgumentException(
          "plan of " + out.length() + " bytes, at most " + Check.MAX_PLAN);
    }
    out.setU32(8, out.length());
    return out.toByteArray();
  }

  private int open(Opcode opcode) {
    out.u16(opcode.code());
    out.u16(0);
    out.u32(0);
    return out.length();
  }

  private void close(int start) {
    out.setU32(start - 4, out.length() - start);
  }

  private void payload(Setting setting) {
    switch (setting) {
      case Setting.Socket s -> out.str(s.path());
      case Setting.ExitRecordFile s -> out.str(s.path());
      case Setting.Log s -> {
        out.str(s.path());
        out.u32(s.maxLine());
      }
      case Setting.Stdio s ->
          out.u32((s.terminal() ? 1 : 0) | (s.openStdin() ? 2 : 0) | (s.stdinOnce() ? 4 : 0));
      case Setting.Clone s -> {
        out.u64(s.flags());
        out.str(s.cgroup());
      }
      case Setting.OomCounter s -> {
        out.str(s.path());
        out.str(s.key());
      }
      case Setting.MemoryPeak s -> out.str(s.path());
      case Setting.ExecCgroup s -> {
        out.u32(s.version());
        out.str(s.dir());
      }
      case Setting.KillCgroup s -> {
        out.u32(s.version());
        out.str(s.dir());
      }
      case Setting.PidNs s -> out.str(s.path());
      case Setting.StartTimeout s -> out.u64(s.timeout().toNanos());
      case Setting.ShimOomScore s -> out.u32(s.score());
      case Setting.IdMaps s -> pair(s.uids(), s.gids());
    }
  }

  private void payload(LaunchStep step) {
    switch (step) {
      case LaunchStep.JoinNs s -> {
        out.u64(s.kind());
        out.str(s.path());
      }
      case LaunchStep.JoinContainer s -> out.u64(s.kinds());
      case LaunchStep.Unshare s -> out.u64(s.flags());
      case LaunchStep.JoinCgroup s -> out.str(s.file());
      case LaunchStep.Propagation s -> out.u64(s.flags());
      case LaunchStep.OpenTree s -> openTree(s);
      case LaunchStep.NewFs s -> newFs(s);
      case LaunchStep.Overlay s -> overlay(s);
      case LaunchStep.SetAttr s -> {
        out.u32(s.slot());
        attributes(s.recursive(), s.set(), s.clear(), s.propagation());
      }
      case LaunchStep.AttachRoot s -> slotPath(s.slot(), s.mountpoint());
      case LaunchStep.Attach s -> attach(s);
      case LaunchStep.PathAttr s -> {
        attributes(s.recursive(), s.set(), s.clear(), s.propagation());
        out.str(s.path());
      }
      case LaunchStep.IdMap s -> idMap(s);
      case LaunchStep.NeedPropagation s -> {
        out.u32(s.shared() ? 1 : 2);
        out.str(s.path());
      }
      case LaunchStep.Subtree s -> {
        out.u32(s.slot());
        pair(s.path(), s.scratch());
      }
      case LaunchStep.SelfBind s -> out.str(s.path());
      case LaunchStep.Mkdir s -> mkdir(s);
      case LaunchStep.Mknod s -> mknod(s);
      case LaunchStep.Symlink s -> pair(s.target(), s.path());
      case LaunchStep.Mask s -> out.str(s.path());
      case LaunchStep.Readonly s -> out.str(s.path());
      case LaunchStep.Sysctl s -> pair(s.name(), s.value());
      case LaunchStep.Hostname s -> out.str(s.name());
      case LaunchStep.OpenNs s -> slotPath(s.slot(), s.path());
      case LaunchStep.EnterNs s -> {
        out.u32(s.slot());
        out.u64(s.kind());
      }
      case LaunchStep.StdioOwner s -> owner(s.owner());
      case LaunchStep.FsOwner s -> owner(s.owner());
      case LaunchStep.Place s -> slotPath(s.slot(), s.path());
      case LaunchStep.Pivot _, LaunchStep.NoNewPrivs _, LaunchStep.Init _, LaunchStep.Probed _ -> {}
      case LaunchStep.Terminal s -> terminal(s);
      case LaunchStep.Rlimit s -> rlimit(s);
      case LaunchStep.OomScoreAdj s -> out.u32(s.score());
      case LaunchStep.Chdir s -> out.str(s.path());
      case LaunchStep.Umask s -> out.u32(s.mask());
      case LaunchStep.Credentials s -> credentials(s);
      case LaunchStep.Seccomp s -> {
        out.u32(s.flags());
        out.bytes(s.filter().bytes());
      }
      case LaunchStep.Exec s -> exec(s);
    }
  }

  private void pair(String first, String second) {
    out.str(first);
    out.str(second);
  }

  private void slotPath(int slot, String path) {
    out.u32(slot);
    out.str(path);
  }

  private void owner(LaunchStep.Owner owner) {
    out.u32(owner.uid());
    out.u32(owner.gid());
  }

  private void idMap(LaunchStep.IdMap s) {
    out.u32(s.slot());
    out.flag(s.recursive());
    out.u32(s.userns());
    out.str(s.path());
  }

  private void attributes(boolean recursive, long set, long clear, long propagation) {
    out.flag(recursive);
    out.u64(set);
    out.u64(clear);
    out.u64(propagation);
  }

  private void openTree(LaunchStep.OpenTree s) {
    out.u32(s.slot());
    out.flag(s.recursive());
    out.str(s.path());
  }

  private void newFs(LaunchStep.NewFs s) {
    out.u32(s.slot());
    out.u64(s.attrs());
    out.str(s.type());
    out.str(s.source());
    out.strs(s.options());
  }

  private void overlay(LaunchStep.Overlay s) {
    out.u32(s.slot());
    out.u64(s.attrs());
    out.str(s.upper().map(Upper::dir).orElse(""));
    out.str(s.upper().map(Upper::work).orElse(""));
    out.strs(s.lowers());
    out.strs(s.options());
    out.str(s.scratch());
  }

  private void attach(LaunchStep.Attach s) {
    out.u32(s.slot());
    out.flag(s.mustExist());
    out.u32(s.mode());
    out.str(s.path());
  }

  private void mkdir(LaunchStep.Mkdir s) {
    out.u32(s.mode());
    owner(s.owner());
    out.str(s.path());
  }

  private void mknod(LaunchStep.Mknod s) {
    out.u32(s.mode());
    out.u32(s.major());
    out.u32(s.minor());
    owner(s.owner());
    out.str(s.path());
  }

  private void terminal(LaunchStep.Terminal s) {
    out.u32(s.rows());
    out.u32(s.cols());
    out.flag(s.console());
  }

  private void rlimit(LaunchStep.Rlimit s) {
    out.u32(s.resource());
    out.u64(s.soft());
    out.u64(s.hard());
  }

  private void credentials(LaunchStep.Credentials s) {
    out.u32(s.uid());
    out.u32(s.gid());
    out.u32(s.groups().size());
    s.groups().forEach(out::u32);
    CapabilitySets sets = s.capabilities();
    out.u64(sets.bounding());
    out.u64(sets.permitted());
    out.u64(sets.effective());
    out.u64(sets.inheritable());
    out.u64(sets.ambient());
  }

  private void exec(LaunchStep.Exec s) {
    out.flag(s.searchPath());
    out.str(s.file());
    out.strs(s.argv());
    out.strs(s.env());
  }
}
