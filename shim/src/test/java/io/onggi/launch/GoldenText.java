package io.onggi.launch;

import io.onggi.launch.LaunchStep.Upper;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** The golden files' text form of a plan (PROTOCOL.md, section 6). */
final class GoldenText {
  private final StringBuilder out = new StringBuilder();

  private GoldenText() {}

  static String of(LaunchPlan plan) {
    StringBuilder all = new StringBuilder();
    int index = 0;
    for (Setting setting : plan.settings()) {
      GoldenText line = new GoldenText();
      line.fields(setting);
      all.append(index++).append(' ').append(Opcode.of(setting)).append(line.out).append('\n');
    }
    for (LaunchStep step : plan.steps()) {
      GoldenText line = new GoldenText();
      line.fields(step);
      all.append(index++).append(' ').append(Opcode.of(step)).append(line.out).append('\n');
    }
    return all.toString();
  }

  private GoldenText put(String name, Object value) {
    out.append(' ').append(name).append('=').append(value);
    return this;
  }

  private GoldenText u64(String name, long value) {
    return put(name, Long.toUnsignedString(value));
  }

  private GoldenText flag(String name, boolean value) {
    return put(name, value ? 1 : 0);
  }

  private GoldenText str(String name, String value) {
    return put(name, quoted(value));
  }

  private GoldenText strs(String name, List<String> values) {
    return put(
        name, "[" + String.join(",", values.stream().map(GoldenText::quoted).toList()) + "]");
  }

  private static String quoted(String value) {
    StringBuilder text = new StringBuilder("\"");
    for (byte b : RawText.bytes(value)) {
      if (b == '"' || b == '\\') {
        text.append('\\').append((char) b);
      } else if (b >= 0x20 && b <= 0x7e) {
        text.append((char) b);
      } else {
        text.append("\\x").append(HexFormat.of().toHexDigits(b));
      }
    }
    return text.append('"').toString();
  }

  private void fields(Setting setting) {
    switch (setting) {
      case Setting.Socket s -> str("path", s.path());
      case Setting.ExitRecordFile s -> str("path", s.path());
      case Setting.Log s -> str("path", s.path()).put("max_line", s.maxLine());
      case Setting.Stdio s ->
          put("flags", (s.terminal() ? 1 : 0) + (s.openStdin() ? 2 : 0) + (s.stdinOnce() ? 4 : 0));
      case Setting.Clone s -> u64("flags", s.flags()).str("cgroup", s.cgroup());
      case Setting.OomCounter s -> str("path", s.path()).str("key", s.key());
      case Setting.MemoryPeak s -> str("path", s.path());
      case Setting.ExecCgroup s -> put("version", s.version()).str("dir", s.dir());
      case Setting.KillCgroup s -> put("version", s.version()).str("dir", s.dir());
      case Setting.PidNs s -> str("path", s.path());
      case Setting.StartTimeout s -> put("nanoseconds", s.timeout().toNanos());
      case Setting.ShimOomScore s -> put("score", s.score());
      case Setting.IdMaps s -> str("uids", s.uids()).str("gids", s.gids());
    }
  }

  private GoldenText change(boolean recursive, long set, long clear, long propagation) {
    return flag("flags", recursive)
        .u64("set", set)
        .u64("clear", clear)
        .u64("propagation", propagation);
  }

  private void fields(LaunchStep step) {
    switch (step) {
      case LaunchStep.JoinNs s -> u64("kind", s.kind()).str("path", s.path());
      case LaunchStep.JoinContainer s -> u64("kinds", s.kinds());
      case LaunchStep.Unshare s -> u64("flags", s.flags());
      case LaunchStep.JoinCgroup s -> str("file", s.file());
      case LaunchStep.Propagation s -> u64("flags", s.flags());
      case LaunchStep.OpenTree s ->
          put("slot", s.slot()).flag("flags", s.recursive()).str("path", s.path());
      case LaunchStep.NewFs s ->
          put("slot", s.slot())
              .u64("attrs", s.attrs())
              .str("type", s.type())
              .str("source", s.source())
              .strs("options", s.options());
      case LaunchStep.Overlay s ->
          put("slot", s.slot())
              .u64("attrs", s.attrs())
              .str("upper", s.upper().map(Upper::dir).orElse(""))
              .str("work", s.upper().map(Upper::work).orElse(""))
              .strs("lowers", s.lowers())
              .strs("options", s.options())
              .str("scratch", s.scratch());
      case LaunchStep.SetAttr s ->
          put("slot", s.slot()).change(s.recursive(), s.set(), s.clear(), s.propagation());
      case LaunchStep.AttachRoot s -> put("slot", s.slot()).str("mountpoint", s.mountpoint());
      case LaunchStep.Attach s ->
          put("slot", s.slot())
              .flag("flags", s.mustExist())
              .put("mode", s.mode())
              .str("path", s.path());
      case LaunchStep.PathAttr s ->
          change(s.recursive(), s.set(), s.clear(), s.propagation()).str("path", s.path());
      case LaunchStep.IdMap s ->
          put("slot", s.slot())
              .flag("flags", s.recursive())
              .put("userns", s.userns())
              .str("path", s.path());
      case LaunchStep.OpenNs s -> put("slot", s.slot()).str("path", s.path());
      case LaunchStep.EnterNs s -> put("slot", s.slot()).u64("kind", s.kind());
      case LaunchStep.StdioOwner s -> owner(s.owner());
      case LaunchStep.FsOwner s -> owner(s.owner());
      case LaunchStep.Place s -> put("slot", s.slot()).str("path", s.path());
      case LaunchStep.NeedPropagation s -> put("kind", s.shared() ? 1 : 2).str("path", s.path());
      case LaunchStep.Subtree s ->
          put("slot", s.slot()).str("path", s.path()).str("scratch", s.scratch());
      case LaunchStep.SelfBind s -> str("path", s.path());
      case LaunchStep.Mkdir s -> put("mode", s.mode()).owner(s.owner()).str("path", s.path());
      case LaunchStep.Mknod s ->
          put("mode", s.mode())
              .put("major", s.major())
              .put("minor", s.minor())
              .owner(s.owner())
              .str("path", s.path());
      case LaunchStep.Symlink s -> str("target", s.target()).str("path", s.path());
      case LaunchStep.Mask s -> str("path", s.path());
      case LaunchStep.Readonly s -> str("path", s.path());
      case LaunchStep.Sysctl s -> str("name", s.name()).str("value", s.value());
      case LaunchStep.Hostname s -> str("name", s.name());
      case LaunchStep.Pivot _, LaunchStep.NoNewPrivs _, LaunchStep.Init _, LaunchStep.Probed _ -> {}
      case LaunchStep.Terminal s ->
          put("rows", s.rows()).put("cols", s.cols()).flag("flags", s.console());
      case LaunchStep.Rlimit s ->
          put("resource", s.resource()).u64("soft", s.soft()).u64("hard", s.hard());
      case LaunchStep.OomScoreAdj s -> put("score", s.score());
      case LaunchStep.Chdir s -> str("path", s.path());
      case LaunchStep.Umask s -> put("mask", s.mask());
      case LaunchStep.Credentials s -> credentials(s);
      case LaunchStep.Seccomp s ->
          put("flags", s.flags()).put("filter", HexFormat.of().formatHex(s.filter().bytes()));
      case LaunchStep.Exec s ->
          flag("flags", s.searchPath())
              .str("file", s.file())
              .strs("argv", s.argv())
              .strs("env", s.env());
    }
  }

  private GoldenText owner(LaunchStep.Owner owner) {
    return put("uid", owner.uid()).put("gid", owner.gid());
  }

  private void credentials(LaunchStep.Credentials s) {
    List<String> groups = new ArrayList<>();
    s.groups().forEach(group -> groups.add(Long.toString(group)));
    put("uid", s.uid())
        .put("gid", s.gid())
        .put("groups", "[" + String.join(",", groups) + "]")
        .u64("bounding", s.capabilities().bounding())
        .u64("permitted", s.capabilities().permitted())
        .u64("effective", s.capabilities().effective())
        .u64("inheritable", s.capabilities().inheritable())
        .u64("ambient", s.capabilities().ambient());
  }
}
