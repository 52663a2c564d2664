package io.onggi.launch;

import static io.onggi.launch.KernelNames.attributes;
import static io.onggi.launch.KernelNames.propagation;

import io.onggi.linux.KernelConstants;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A plan as the shell commands that a person would have typed for it, for {@code onggi explain}.
 * Close to what the shim does, not the same: it works on descriptors, a shell on paths. What a slot
 * holds is remembered from the step that filled it, so steps are given in their order.
 */
public final class PlanCommands {
  private static final String NO_ROOT = "$ROOT";

  private final Map<Integer, List<String>> slots = new HashMap<>();
  private final Map<Integer, List<LaunchStep.SetAttr>> changes = new HashMap<>();
  private final Map<Integer, String> namespaces = new HashMap<>();
  private String root = NO_ROOT;
  private boolean pivoted;

  /** The commands of a whole plan, one a line. */
  public static String script(LaunchPlan plan) {
    PlanCommands commands = new PlanCommands();
    StringBuilder out = new StringBuilder();
    for (Setting setting : plan.settings()) {
      if (setting instanceof Setting.Clone clone && clone.flags() != 0) {
        out.append(commands.clone(clone, plan.settings())).append('\n');
      }
      if (setting instanceof Setting.PidNs pid) {
        out.append(words("nsenter", "--pid=" + pid.path())).append('\n');
      }
    }
    for (LaunchStep step : plan.steps()) {
      out.append(commands.command(step)).append('\n');
    }
    return out.toString();
  }

  private String clone(Setting.Clone clone, List<Setting> settings) {
    StringBuilder maps = new StringBuilder();
    for (Setting setting : settings) {
      if (setting instanceof Setting.IdMaps ids) {
        maps.append(" --map-users=").append(idMap(ids.uids()));
        maps.append(" --map-groups=").append(idMap(ids.gids()));
      }
    }
    String into =
        clone.cgroup().isEmpty() ? "" : echo("$$", clone.cgroup() + "/cgroup.procs") + " && ";
    return into + unshare(clone.flags()) + maps + " --fork";
  }

  /** unshare(1)'s form of a map's line: {@code inside:outside:count}. */
  private static String idMap(String lines) {
    return ShellWords.quote(lines.strip().lines().findFirst().orElse("").strip().replace(' ', ':'));
  }

  /** One line of shell; a step that a shell has no word for is a comment. */
  public String command(LaunchStep step) {
    return switch (step) {
      case LaunchStep.JoinNs s -> words("nsenter", option(s.kind(), s.path()));
      case LaunchStep.JoinContainer s -> joinContainer(s.kinds());
      case LaunchStep.Unshare s -> unshare(s.flags());
      case LaunchStep.JoinCgroup s -> echo("0", s.file());
      case LaunchStep.Propagation s -> words("mount", "--make-" + propagation(s.flags()), "/");
      case LaunchStep.OpenTree s -> openTree(s);
      case LaunchStep.NewFs s -> newFs(s);
      case LaunchStep.Overlay s -> overlay(s);
      case LaunchStep.SetAttr s -> setAttr(s);
      case LaunchStep.AttachRoot s -> attachRoot(s);
      case LaunchStep.Attach s -> place(s.slot(), inRoot(s.path()));
      case LaunchStep.PathAttr s -> remount(s.set(), s.clear(), s.propagation(), inRoot(s.path()));
      case LaunchStep.NeedPropagation s ->
          words("findmnt", "-no", "PROPAGATION", "-T", s.path())
              + " | grep -q "
              + (s.shared() ? "shared" : "'shared\\|slave'");
      case LaunchStep.Subtree s -> subtree(s);
      case LaunchStep.SelfBind s ->
          words("mkdir", "-p", inRoot(s.path()))
              + " && "
              + words("mount", "--bind", inRoot(s.path()), inRoot(s.path()));
      case LaunchStep.IdMap s -> idMap(s);
      case LaunchStep.OpenNs s -> openNs(s);
      case LaunchStep.EnterNs s ->
          words("nsenter", option(s.kind(), namespaces.getOrDefault(s.slot(), "$NS")));
      case LaunchStep.StdioOwner s -> words("chown", ids(s.owner()), "/proc/self/fd/1");
      case LaunchStep.FsOwner s -> "# setfsuid, setfsgid: " + ids(s.owner());
      case LaunchStep.Place s -> place(s.slot(), s.path());
      case LaunchStep.Mkdir s -> mkdir(s);
      case LaunchStep.Mknod s -> mknod(s);
      case LaunchStep.Symlink s -> words("ln", "-s", s.target(), inRoot(s.path()));
      case LaunchStep.Mask s -> words("mount", "--bind", "/dev/null", inRoot(s.path()));
      case LaunchStep.Readonly s -> readonly(inRoot(s.path()));
      case LaunchStep.Sysctl s -> words("sysctl", "-w", s.name() + "=" + s.value());
      case LaunchStep.Hostname s -> words("hostname", s.name());
      case LaunchStep.Pivot _ -> pivot();
      case LaunchStep.Terminal s ->
          words("script", "-qc", "stty rows " + s.rows() + " cols " + s.cols(), "/dev/null");
      case LaunchStep.Rlimit s ->
          words(
                  "prlimit",
                  "--pid=$$",
                  "--"
                      + KernelNames.rlimit(s.resource())
                      + "="
                      + KernelNames.limit(s.soft())
                      + ":"
                      + KernelNames.limit(s.hard()))
              .replace("'--pid=$$'", "--pid=$$");
      case LaunchStep.OomScoreAdj s ->
          echo(Integer.toString(s.score()), "/proc/self/oom_score_adj");
      case LaunchStep.Chdir s -> words("cd", s.path());
      case LaunchStep.Umask s -> "umask %04o".formatted(s.mask());
      case LaunchStep.NoNewPrivs _ -> "setpriv --no-new-privs";
      case LaunchStep.Credentials s -> setpriv(s);
      case LaunchStep.Seccomp s ->
          "# seccomp(SECCOMP_SET_MODE_FILTER): " + s.filter().length() + " instructions";
      case LaunchStep.Exec s -> exec(s);
      case LaunchStep.Init _ -> "exec tini -- sleep infinity";
      case LaunchStep.Probed _ -> "exit 0";
    };
  }

  private String mkdir(LaunchStep.Mkdir s) {
    return words(
        "install",
        "-d",
        "-m",
        "%04o".formatted(s.mode()),
        "-o",
        Long.toString(s.owner().uid()),
        "-g",
        Long.toString(s.owner().gid()),
        inRoot(s.path()));
  }

  private String openNs(LaunchStep.OpenNs s) {
    namespaces.put(s.slot(), s.path());
    return "# slot %d: %s".formatted(s.slot(), s.path());
  }

  /** mount(8) takes the map when it binds: it goes into the command that filled the slot. */
  private String idMap(LaunchStep.IdMap s) {
    List<String> words = new ArrayList<>(contents(s.slot()));
    words.add(1, "-o");
    words.add(2, "X-mount.idmap=" + namespaces.getOrDefault(s.userns(), "$NS"));
    slots.put(s.slot(), words);
    return "# slot %d: %s ...".formatted(s.slot(), ShellWords.join(words));
  }

  private static String ids(LaunchStep.Owner owner) {
    return owner.uid() + ":" + owner.gid();
  }

  private static String words(String... words) {
    return ShellWords.join(List.of(words));
  }

  private static String echo(String value, String file) {
    return "echo " + value + " > " + ShellWords.quote(file);
  }

  private String inRoot(String path) {
    return pivoted || root.equals("/") ? path : path.equals("/") ? root : root + path;
  }

  private static String unshare(long flags) {
    List<String> words = new ArrayList<>(List.of("unshare"));
    KernelNames.namespaceList(flags).forEach(name -> words.add("--" + name));
    return ShellWords.join(words);
  }

  private static String option(long kind, String path) {
    return "--" + KernelNames.namespaceWords(kind) + "=" + path;
  }

  private static String joinContainer(long kinds) {
    StringBuilder out = new StringBuilder("nsenter --target \"$PID\"");
    KernelNames.namespaceList(kinds).forEach(name -> out.append(" --").append(name));
    return out.toString();
  }

  private String openTree(LaunchStep.OpenTree s) {
    slots.put(s.slot(), List.of("mount", s.recursive() ? "--rbind" : "--bind", s.path()));
    return "# slot %d: %s ...".formatted(s.slot(), ShellWords.join(contents(s.slot())));
  }

  private String newFs(LaunchStep.NewFs s) {
    fill(s.slot(), s.type(), s.source(), s.attrs(), s.options());
    return "# slot %d: %s ...".formatted(s.slot(), ShellWords.join(contents(s.slot())));
  }

  private String subtree(LaunchStep.Subtree s) {
    String whole = place(s.slot(), s.scratch());
    slots.put(s.slot(), List.of("mount", "--bind", s.scratch() + "/" + s.path()));
    return whole;
  }

  private String overlay(LaunchStep.Overlay s) {
    List<String> options = new ArrayList<>();
    options.add("lowerdir=" + String.join(":", s.lowers()));
    s.upper()
        .ifPresent(
            upper -> {
              options.add("upperdir=" + upper.dir());
              options.add("workdir=" + upper.work());
            });
    options.addAll(s.options());
    fill(s.slot(), "overlay", "overlay", s.attrs(), options);
    return "# slot %d: %s ...".formatted(s.slot(), ShellWords.join(contents(s.slot())));
  }

  private String setAttr(LaunchStep.SetAttr s) {
    changes.computeIfAbsent(s.slot(), _ -> new ArrayList<>()).add(s);
    return "# slot %d: %s".formatted(s.slot(), remount(s.set(), s.clear(), s.propagation(), "..."));
  }

  private void fill(int slot, String type, String source, long attrs, List<String> options) {
    List<String> all = new ArrayList<>();
    if (attrs != 0) {
      all.add(attributes(attrs));
    }
    all.addAll(options);
    List<String> words = new ArrayList<>(List.of("mount", "-t", type));
    if (!all.isEmpty()) {
      words.add("-o");
      words.add(String.join(",", all));
    }
    words.add(source.isEmpty() ? "none" : source);
    slots.put(slot, words);
  }

  private List<String> contents(int slot) {
    return slots.getOrDefault(slot, List.of("mount", "--move", "slot-" + slot));
  }

  private String place(int slot, String target) {
    List<String> words = new ArrayList<>(contents(slot));
    words.add(target);
    StringBuilder out = new StringBuilder(ShellWords.join(words));
    for (LaunchStep.SetAttr change : changes.getOrDefault(slot, List.of())) {
      out.append(" && ")
          .append(remount(change.set(), change.clear(), change.propagation(), target));
    }
    return out.toString();
  }

  private String attachRoot(LaunchStep.AttachRoot s) {
    root = s.mountpoint();
    return place(s.slot(), s.mountpoint());
  }

  private static String remount(long set, long clear, long propagation, String target) {
    List<String> words = new ArrayList<>();
    if (set != 0 || clear != 0) {
      String options =
          "remount,bind"
              + (set == 0 ? "" : "," + attributes(set))
              + ((clear & KernelConstants.MOUNT_ATTR_RDONLY) != 0 ? ",rw" : "");
      words.add(words("mount", "-o", options, target));
    }
    if (propagation != 0) {
      words.add(words("mount", "--make-" + propagation(propagation), target));
    }
    return words.isEmpty() ? "true" : String.join(" && ", words);
  }

  private static String mknod(LaunchStep.Mknod s, String path) {
    String type =
        switch (s.mode() & KernelConstants.S_IFMT) {
          case KernelConstants.S_IFCHR -> "c";
          case KernelConstants.S_IFBLK -> "b";
          default -> "p";
        };
    List<String> words =
        new ArrayList<>(List.of("mknod", "-m", "%04o".formatted(s.mode() & 07777), path, type));
    if (!type.equals("p")) {
      words.add(Integer.toString(s.major()));
      words.add(Integer.toString(s.minor()));
    }
    return ShellWords.join(words);
  }

  private String mknod(LaunchStep.Mknod s) {
    String path = inRoot(s.path());
    String made = mknod(s, path);
    return s.owner().equals(LaunchStep.Owner.ROOT)
        ? made
        : made + " && " + words("chown", ids(s.owner()), path);
  }

  private static String readonly(String path) {
    return words("mount", "--rbind", path, path)
        + " && "
        + words("mount", "-o", "remount,bind,ro", path);
  }

  private String pivot() {
    pivoted = true;
    return words("cd", root) + " && pivot_root . . && umount -l .";
  }

  private static String setpriv(LaunchStep.Credentials s) {
    List<String> words =
        new ArrayList<>(List.of("setpriv", "--reuid=" + s.uid(), "--regid=" + s.gid()));
    words.add(
        s.groups().isEmpty() ? "--clear-groups" : "--groups=" + KernelNames.joined(s.groups()));
    words.add("--bounding-set=" + KernelNames.setpriv(s.capabilities().bounding()));
    words.add("--inh-caps=" + KernelNames.setpriv(s.capabilities().inheritable()));
    words.add("--ambient-caps=" + KernelNames.setpriv(s.capabilities().ambient()));
    return ShellWords.join(words);
  }

  private static String exec(LaunchStep.Exec s) {
    List<String> words = new ArrayList<>(List.of("env", "-i"));
    words.addAll(s.env());
    words.add(s.file());
    words.addAll(s.argv().subList(1, s.argv().size()));
    String name = s.argv().getFirst();
    String as = name.equals(s.file()) ? "" : "  # argv[0] is " + ShellWords.quote(name);
    return "exec " + ShellWords.join(words) + as;
  }
}
