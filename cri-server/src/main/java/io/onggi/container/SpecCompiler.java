package io.onggi.container;

import static io.onggi.linux.KernelConstants.CLONE_NEWCGROUP;
import static io.onggi.linux.KernelConstants.CLONE_NEWIPC;
import static io.onggi.linux.KernelConstants.CLONE_NEWNET;
import static io.onggi.linux.KernelConstants.CLONE_NEWNS;
import static io.onggi.linux.KernelConstants.CLONE_NEWPID;
import static io.onggi.linux.KernelConstants.CLONE_NEWUTS;
import static io.onggi.linux.KernelConstants.MS_PRIVATE;
import static io.onggi.linux.KernelConstants.MS_REC;

import io.onggi.launch.LaunchPlan;
import io.onggi.launch.LaunchStep;
import io.onggi.launch.Setting;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Compiles an OCI spec to the program of system calls that makes the container. Pure: no kernel, no
 * clock; the same spec and site give the same plan.
 *
 * <p>The order matters and is the same for every container: cgroups first (while the host's are in
 * view), then namespaces, then bind sources are opened (while the host's mounts are in view; those
 * that propagate while they still do), the root, the mounts, the hiding, pivot_root, and last the
 * process's own attributes, weakest right last.
 */
final class SpecCompiler {

  private final OciSpec spec;
  private final LaunchSite site;
  private final Optional<LaunchStep.Seccomp> filter;

  /**
   * @param filter of the spec's seccomp profile
   */
  SpecCompiler(OciSpec spec, LaunchSite site, Optional<LaunchStep.Seccomp> filter) {
    this.spec = spec;
    this.site = site;
    this.filter = filter;
  }

  LaunchPlan compile() {
    List<LaunchStep> steps = new ArrayList<>();
    MountCompiler mounts = new MountCompiler(spec, site);
    joinCgroups(steps);
    // Said always: the process would inherit the shim's own score.
    steps.add(new LaunchStep.OomScoreAdj(spec.process().oomScoreAdj().orElse(0)));
    enterNamespaces(steps);
    mounts.openPropagating(steps);
    steps.add(new LaunchStep.Propagation(MS_REC | MS_PRIVATE));
    mounts.openSources(steps);
    mounts.attachRoot(steps);
    mounts.attachAll(steps);
    spec.linux()
        .sysctl()
        .forEach((k, v) -> steps.add(new LaunchStep.Sysctl(k.replace('.', '/'), v)));
    spec.linux().maskedPaths().forEach(p -> steps.add(new LaunchStep.Mask(p)));
    spec.linux().readonlyPaths().forEach(p -> steps.add(new LaunchStep.Readonly(p)));
    mounts.finishRoot(steps);
    steps.add(new LaunchStep.Pivot());
    if (spec.process().terminal()) {
      steps.add(new LaunchStep.Terminal(0, 0, true));
    }
    List<LaunchStep> enterUser =
        UserSteps.of(spec.linux()).map(u -> u.enter(spec.process().user())).orElse(List.of());
    steps.addAll(ProcessSteps.of(spec.process(), filter, enterUser));
    return new LaunchPlan(settings(), steps);
  }

  private List<Setting> settings() {
    List<Setting> list = new ArrayList<>();
    CgroupSite cgroup = site.cgroup();
    boolean v1 = cgroup.version() == 1;
    list.add(new Setting.Socket(site.socket().toString()));
    list.add(new Setting.ExitRecordFile(site.exitRecord().toString()));
    list.add(new Setting.Log(site.logFile(), Setting.Log.CRI_MAX_LINE));
    list.add(new Setting.Stdio(spec.process().terminal(), site.openStdin(), site.stdinOnce()));
    list.add(new Setting.Clone(cloneFlags(), ""));
    cgroup
        .directory("memory")
        .ifPresent(
            d -> {
              String events = v1 ? "memory.oom_control" : "memory.events";
              String peak = v1 ? "memory.max_usage_in_bytes" : "memory.peak";
              list.add(new Setting.OomCounter(d.resolve(events).toString(), "oom_kill"));
              list.add(new Setting.MemoryPeak(d.resolve(peak).toString()));
            });
    Optional<Path> freezer = cgroup.directory("freezer");
    freezer.ifPresent(
        d -> {
          list.add(new Setting.ExecCgroup(cgroup.version(), d.toString()));
          list.add(new Setting.KillCgroup(cgroup.version(), d.toString()));
        });
    namespacePath("pid").ifPresent(p -> list.add(new Setting.PidNs(p)));
    list.add(new Setting.StartTimeout(site.timeout()));
    return list;
  }

  private long cloneFlags() {
    long flags = CLONE_NEWNS;
    for (OciSpec.Namespace namespace : spec.linux().namespaces()) {
      if (namespace.path().isEmpty()) {
        flags |=
            switch (namespace.type()) {
              case "pid" -> CLONE_NEWPID;
              case "network" -> CLONE_NEWNET;
              case "ipc" -> CLONE_NEWIPC;
              case "uts" -> CLONE_NEWUTS;
              default -> 0; // mount is always new; cgroup only after the cgroups are joined
            };
      }
    }
    return flags;
  }

  private Optional<String> namespacePath(String type) {
    return spec.linux().namespaces().stream()
        .filter(n -> n.type().equals(type) && !n.path().isEmpty())
        .map(OciSpec.Namespace::path)
        .findFirst();
  }

  private void joinCgroups(List<LaunchStep> steps) {
    site.cgroup().joinFiles().forEach(f -> steps.add(new LaunchStep.JoinCgroup(f.toString())));
  }

  private void enterNamespaces(List<LaunchStep> steps) {
    namespacePath("ipc").ifPresent(p -> steps.add(new LaunchStep.JoinNs(CLONE_NEWIPC, p)));
    namespacePath("uts").ifPresent(p -> steps.add(new LaunchStep.JoinNs(CLONE_NEWUTS, p)));
    namespacePath("network").ifPresent(p -> steps.add(new LaunchStep.JoinNs(CLONE_NEWNET, p)));
    boolean cgroup = spec.linux().namespaces().stream().anyMatch(n -> n.type().equals("cgroup"));
    if (cgroup) {
      steps.add(new LaunchStep.Unshare(CLONE_NEWCGROUP));
    }
  }
}
