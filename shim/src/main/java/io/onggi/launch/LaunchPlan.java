package io.onggi.launch;

import io.onggi.linux.KernelConstants;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A container (or an exec) as the program of system calls that makes it: immutable, complete before
 * anything is done. The last step is {@link LaunchStep.Exec}, {@link LaunchStep.Init} or {@link
 * LaunchStep.Probed}; a plan for an exec or a probe has no settings.
 */
public record LaunchPlan(List<Setting> settings, List<LaunchStep> steps) {
  public LaunchPlan {
    settings = List.copyOf(settings);
    steps = List.copyOf(steps);
    Set<Class<?>> seen = new HashSet<>();
    for (Setting setting : settings) {
      if (!seen.add(setting.getClass())) {
        throw new IllegalArgumentException(
            "setting " + setting.getClass().getSimpleName() + " stands twice in the plan");
      }
    }
    if (seen.contains(Setting.PidNs.class) && clonesPid(settings)) {
      throw new IllegalArgumentException("PID_NS excludes CLONE_NEWPID");
    }
    if (steps.isEmpty() || !steps.getLast().isFinal()) {
      throw new IllegalArgumentException("the plan's last step is no final one");
    }
    Check.range("number of steps", steps.size(), 1, Check.MAX_STEPS);
    for (LaunchStep step : steps.subList(0, steps.size() - 1)) {
      if (step.isFinal()) {
        throw new IllegalArgumentException("a step follows " + Opcode.of(step));
      }
      if (step instanceof LaunchStep.JoinContainer && !settings.isEmpty()) {
        throw new IllegalArgumentException("JOIN_CONTAINER is for plans of an exec only");
      }
    }
  }

  private static boolean clonesPid(List<Setting> settings) {
    return settings.stream()
        .anyMatch(
            setting ->
                setting instanceof Setting.Clone clone
                    && (clone.flags() & KernelConstants.CLONE_NEWPID) != 0);
  }

  /** A plan of an exec: steps only. */
  public static LaunchPlan ofSteps(List<LaunchStep> steps) {
    return new LaunchPlan(List.of(), steps);
  }

  /** Entries as the shim counts them in its reports: settings first, then steps. */
  public int entries() {
    return settings.size() + steps.size();
  }
}
