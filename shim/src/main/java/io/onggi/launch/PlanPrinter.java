package io.onggi.launch;

import static io.onggi.launch.KernelNames.attributes;
import static io.onggi.launch.KernelNames.namespaceWords;
import static io.onggi.launch.KernelNames.propagation;

import java.util.List;
import java.util.Locale;

/** A plan in words: one line an entry, for {@code onggi plan}. Pure. */
public final class PlanPrinter {
  private static final int MAX_CODE_POINTS = 1000;

  private PlanPrinter() {}

  /** Every entry, numbered as the shim numbers them in its messages (from 1). */
  public static String describe(LaunchPlan plan) {
    StringBuilder out = new StringBuilder();
    int number = 1;
    for (Setting setting : plan.settings()) {
      line(out, number++, describe(setting));
    }
    for (LaunchStep step : plan.steps()) {
      line(out, number++, describe(step));
    }
    return out.toString();
  }

  private static void line(StringBuilder out, int number, String text) {
    out.append("%4d  %s%n".formatted(number, text));
  }

  /** One line; never more than one. */
  public static String describe(Setting setting) {
    return oneLine(
        switch (setting) {
          case Setting.Socket s -> "control socket " + s.path();
          case Setting.ExitRecordFile s -> "exit record to " + s.path();
          case Setting.Log s ->
              s.path().isEmpty()
                  ? "output is dropped"
                  : "log to " + s.path() + ", lines of " + s.maxLine() + " bytes at most";
          case Setting.Stdio s -> stdio(s);
          case Setting.Clone s ->
              "clone with "
                  + namespaces(s.flags())
                  + (s.cgroup().isEmpty() ? "" : " into " + s.cgroup());
          case Setting.OomCounter s ->
              "out-of-memory kills are counted by " + s.key() + " in " + s.path();
          case Setting.MemoryPeak s -> "memory peak from " + s.path();
          case Setting.ExecCgroup s ->
              "execs in sub-cgroups of " + s.dir() + " (v" + s.version() + ")";
          case Setting.KillCgroup s ->
              "the whole container is " + s.dir() + " (v" + s.version() + ")";
          case Setting.PidNs s -> "born into pid namespace " + s.path();
          case Setting.StartTimeout s -> "all steps within " + s.timeout().toMillis() + " ms";
          case Setting.IdMaps s ->
              "user ids " + s.uids().strip() + ", group ids " + s.gids().strip();
          case Setting.ShimOomScore s -> "oom_score_adj of the shim: " + s.score();
        });
  }

  /** The step as the shell command a person would have typed; in a row: {@link PlanCommands}. */
  public static String command(LaunchStep step) {
    return new PlanCommands().command(step);
  }

  private static String stdio(Setting.Stdio s) {
    return "stdio: "
        + (s.terminal() ? "terminal" : "pipes")
        + (s.openStdin() ? ", stdin open" : ", stdin empty")
        + (s.stdinOnce() ? " for one attach" : "");
  }

  /** One line; never more than one. */
  public static String describe(LaunchStep step) {
    return oneLine(
        switch (step) {
          case LaunchStep.JoinNs s -> "join namespace " + namespaceWords(s.kind()) + " " + s.path();
          case LaunchStep.JoinContainer s -> "join the container's " + namespaces(s.kinds());
          case LaunchStep.Unshare s -> "unshare " + namespaces(s.flags());
          case LaunchStep.JoinCgroup s -> "join cgroup " + s.file();
          case LaunchStep.Propagation s -> "propagation of /: " + propagation(s.flags());
          case LaunchStep.OpenTree s ->
              "clone " + (s.recursive() ? "tree " : "mount ") + s.path() + " -> " + slot(s.slot());
          case LaunchStep.NewFs s ->
              "new " + s.type() + options(s.options(), s.attrs()) + " -> " + slot(s.slot());
          case LaunchStep.Overlay s -> overlay(s);
          case LaunchStep.SetAttr s ->
              slot(s.slot()) + change(s.recursive(), s.set(), s.clear(), s.propagation());
          case LaunchStep.AttachRoot s -> "root: " + slot(s.slot()) + " at " + s.mountpoint();
          case LaunchStep.Attach s ->
              "attach "
                  + slot(s.slot())
                  + " at "
                  + s.path()
                  + (s.mustExist() ? ", must exist" : "");
          case LaunchStep.PathAttr s ->
              "mount " + s.path() + change(s.recursive(), s.set(), s.clear(), s.propagation());
          case LaunchStep.IdMap s ->
              slot(s.slot())
                  + (s.recursive() ? " and all below" : "")
                  + ": owners of "
                  + s.path()
                  + " as the user namespace maps them";
          case LaunchStep.OpenNs s -> "namespace " + s.path() + " -> " + slot(s.slot());
          case LaunchStep.EnterNs s ->
              "enter namespace " + namespaceWords(s.kind()) + " of " + slot(s.slot());
          case LaunchStep.StdioOwner s -> "stdio belongs to " + ids(s.owner());
          case LaunchStep.FsOwner s -> "what is made belongs to " + ids(s.owner());
          case LaunchStep.Place s -> "place " + slot(s.slot()) + " at the host's " + s.path();
          case LaunchStep.NeedPropagation s ->
              "the mount of %s must be %s".formatted(s.path(), s.shared() ? "shared" : "followed");
          case LaunchStep.Subtree s -> slot(s.slot()) + ": only " + s.path();
          case LaunchStep.SelfBind s -> "bind " + s.path() + " on itself";
          case LaunchStep.Mkdir s ->
              "make directory %s %04o%s".formatted(s.path(), s.mode(), owner(s.owner()));
          case LaunchStep.Mknod s ->
              "make %s %s %d:%d %04o%s"
                  .formatted(
                      KernelNames.nodeType(s.mode()),
                      s.path(),
                      s.major(),
                      s.minor(),
                      s.mode() & 07777,
                      owner(s.owner()));
          case LaunchStep.Symlink s -> "link " + s.path() + " -> " + s.target();
          case LaunchStep.Mask s -> "mask " + s.path();
          case LaunchStep.Readonly s -> "make read-only " + s.path();
          case LaunchStep.Sysctl s -> "sysctl " + s.name() + " = " + s.value();
          case LaunchStep.Hostname s -> "hostname " + s.name();
          case LaunchStep.Pivot _ -> "pivot to the new root, the old one is gone";
          case LaunchStep.Terminal s ->
              "terminal %dx%d%s"
                  .formatted(s.cols(), s.rows(), s.console() ? " on /dev/console too" : "");
          case LaunchStep.Rlimit s ->
              "limit %s %s:%s"
                  .formatted(
                      KernelNames.rlimit(s.resource()),
                      KernelNames.limit(s.soft()),
                      KernelNames.limit(s.hard()));
          case LaunchStep.OomScoreAdj s -> "oom_score_adj " + s.score();
          case LaunchStep.Chdir s -> "working directory " + s.path();
          case LaunchStep.Umask s -> "umask %04o".formatted(s.mask());
          case LaunchStep.NoNewPrivs _ -> "no new privileges";
          case LaunchStep.Credentials s -> credentials(s);
          case LaunchStep.Seccomp s -> "seccomp filter of " + s.filter().length() + " instructions";
          case LaunchStep.Exec s -> exec(s);
          case LaunchStep.Init _ -> "stay as the pod's init";
          case LaunchStep.Probed _ -> "all of it could be done";
        });
  }

  private static String slot(int slot) {
    return "slot " + slot;
  }

  private static String namespaces(long flags) {
    return flags == 0 ? "no new namespaces" : "namespaces " + namespaceWords(flags);
  }

  private static String options(List<String> options, long attrs) {
    String all = String.join(",", options);
    String words = attributes(attrs);
    String both = all.isEmpty() || words.isEmpty() ? all + words : words + "," + all;
    return both.isEmpty() ? "" : " (" + both + ")";
  }

  private static String overlay(LaunchStep.Overlay s) {
    return "mount overlay: %d layer%s%s%s -> %s"
        .formatted(
            s.lowers().size(),
            s.lowers().size() == 1 ? "" : "s",
            s.upper().map(upper -> ", writes to " + upper.dir()).orElse(", read-only"),
            options(s.options(), s.attrs()),
            slot(s.slot()));
  }

  private static String change(boolean recursive, long set, long clear, long propagation) {
    StringBuilder out = new StringBuilder(recursive ? " and all below:" : ":");
    if (set != 0) {
      out.append(" set ").append(attributes(set));
    }
    if (clear != 0) {
      out.append(" clear ").append(attributes(clear));
    }
    if (propagation != 0) {
      out.append(' ').append(propagation(propagation));
    }
    return out.toString();
  }

  private static String owner(LaunchStep.Owner owner) {
    return owner.equals(LaunchStep.Owner.ROOT) ? "" : " of " + ids(owner);
  }

  private static String ids(LaunchStep.Owner owner) {
    return owner.uid() + ":" + owner.gid();
  }

  private static String credentials(LaunchStep.Credentials s) {
    return "run as %d:%d%s, capabilities %s%s"
        .formatted(
            s.uid(),
            s.gid(),
            s.groups().isEmpty() ? "" : " groups " + KernelNames.joined(s.groups()),
            KernelNames.capabilities(s.capabilities().permitted()),
            s.capabilities().ambient() == 0
                ? ""
                : ", ambient " + KernelNames.capabilities(s.capabilities().ambient()));
  }

  private static String exec(LaunchStep.Exec s) {
    return "exec "
        + s.file()
        + " as "
        + String.join(" ", s.argv().stream().map(ShellWords::quote).toList())
        + ", "
        + s.env().size()
        + " variables";
  }

  /** Control characters made visible, very long texts cut: a plan holds user's bytes. */
  private static String oneLine(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .limit(MAX_CODE_POINTS)
        .forEach(
            c -> {
              if (Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE) {
                out.append(String.format(Locale.ROOT, "\\x%02x", c & 0xff));
              } else {
                out.appendCodePoint(c);
              }
            });
    return out.toString();
  }
}
