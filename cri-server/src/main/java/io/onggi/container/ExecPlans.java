package io.onggi.container;

import static io.onggi.linux.KernelConstants.CLONE_NEWCGROUP;
import static io.onggi.linux.KernelConstants.CLONE_NEWIPC;
import static io.onggi.linux.KernelConstants.CLONE_NEWNET;
import static io.onggi.linux.KernelConstants.CLONE_NEWNS;
import static io.onggi.linux.KernelConstants.CLONE_NEWUTS;

import io.onggi.cgroup.CgroupPath;
import io.onggi.cgroup.Cgroups;
import io.onggi.launch.LaunchPlan;
import io.onggi.launch.LaunchStep;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Plans of processes that join a running container: its cgroups, its namespaces, its rights. */
public final class ExecPlans {
  private static final long ALL =
      CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

  private final Cgroups cgroups;
  private final OciSpecs specs;

  public ExecPlans(Cgroups cgroups, OciSpecs specs) {
    this.cgroups = cgroups;
    this.specs = specs;
  }

  /**
   * @param terminal the process gets a pseudo terminal
   */
  public LaunchPlan plan(Container container, List<String> command, boolean terminal) {
    OciSpec spec = specs.read(container.id());
    OciSpec.Process process = process(spec.process(), command, terminal);
    List<LaunchStep> steps = new ArrayList<>();
    for (Path file : cgroups.joinFiles(CgroupPath.of(container.cgroup()))) {
      // The shim puts an exec into a freezer (v2: cgroup) of its own, to be killed through it.
      if (cgroups.version() == 1 && !isFreezer(file, container.cgroup())) {
        steps.add(new LaunchStep.JoinCgroup(file.toString()));
      }
    }
    steps.add(new LaunchStep.OomScoreAdj(process.oomScoreAdj().orElse(0)));
    steps.add(new LaunchStep.JoinContainer(ALL));
    if (terminal) {
      steps.add(new LaunchStep.Terminal(0, 0, false));
    }
    List<LaunchStep> enterUser =
        UserSteps.of(spec.linux()).map(u -> u.join(process.user())).orElse(List.of());
    steps.addAll(ProcessSteps.of(process, specs.filter(spec), enterUser));
    return LaunchPlan.ofSteps(steps);
  }

  private static boolean isFreezer(Path file, String cgroup) {
    String mount = file.toString().substring(0, file.toString().indexOf(cgroup));
    return mount.endsWith("freezer");
  }

  /** The container's own process with another command. */
  private static OciSpec.Process process(
      OciSpec.Process own, List<String> command, boolean terminal) {
    List<String> env = new ArrayList<>(own.env());
    if (terminal && env.stream().noneMatch(e -> e.startsWith("TERM="))) {
      env.add("TERM=xterm");
    }
    return new OciSpec.Process(
        terminal,
        own.user(),
        command,
        env,
        own.cwd(),
        own.capabilities(),
        own.rlimits(),
        own.noNewPrivileges(),
        own.oomScoreAdj());
  }
}
