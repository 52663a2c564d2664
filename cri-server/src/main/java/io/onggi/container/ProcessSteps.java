package io.onggi.container;

import io.onggi.error.CriException;
import io.onggi.launch.LaunchStep;
import io.onggi.linux.KernelConstants;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The last steps of a plan, the same for a container's first process and for an exec. */
final class ProcessSteps {
  /** What login shells and every container runtime use. */
  private static final int UMASK = 0022;

  private static final long SYS_ADMIN = Capability.mask(List.of("CAP_SYS_ADMIN"));

  private static final Map<String, Integer> RLIMITS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("RLIMIT_CPU", KernelConstants.RLIMIT_CPU),
              Map.entry("RLIMIT_FSIZE", KernelConstants.RLIMIT_FSIZE),
              Map.entry("RLIMIT_DATA", KernelConstants.RLIMIT_DATA),
              Map.entry("RLIMIT_STACK", KernelConstants.RLIMIT_STACK),
              Map.entry("RLIMIT_CORE", KernelConstants.RLIMIT_CORE),
              Map.entry("RLIMIT_NPROC", KernelConstants.RLIMIT_NPROC),
              Map.entry("RLIMIT_NOFILE", KernelConstants.RLIMIT_NOFILE),
              Map.entry("RLIMIT_MEMLOCK", KernelConstants.RLIMIT_MEMLOCK),
              Map.entry("RLIMIT_AS", KernelConstants.RLIMIT_AS)));

  private ProcessSteps() {}

  /**
   * @param filter loaded directly before the exec, so that it hinders no step of ours
   */
  static List<LaunchStep> of(OciSpec.Process process, Optional<LaunchStep.Seccomp> filter) {
    return of(process, filter, List.of());
  }

  /**
   * @param filter loaded directly before the exec, so that it hinders no step of ours
   * @param enterUser into a user namespace; after the limits, which only the node's rights can
   *     raise
   */
  static List<LaunchStep> of(
      OciSpec.Process process, Optional<LaunchStep.Seccomp> filter, List<LaunchStep> enterUser) {
    List<LaunchStep> steps = new ArrayList<>();
    for (OciSpec.Rlimit limit : process.rlimits()) {
      Integer resource = RLIMITS.get(limit.type());
      if (resource == null) {
        throw new CriException.InvalidArgument(
            "process.rlimits: \"" + limit.type() + "\" is not one of " + RLIMITS.keySet());
      }
      steps.add(new LaunchStep.Rlimit(resource, limit.soft(), limit.hard()));
    }
    steps.addAll(enterUser);
    steps.add(new LaunchStep.Umask(UMASK));
    steps.add(new LaunchStep.Chdir(process.cwd()));
    if (process.noNewPrivileges()) {
      steps.add(new LaunchStep.NoNewPrivs());
    }
    boolean keepsAdmin = filter.isPresent() && !process.noNewPrivileges();
    steps.add(credentials(process, keepsAdmin ? SYS_ADMIN : 0));
    filter.ifPresent(steps::add);
    steps.add(new LaunchStep.Exec(true, process.args().getFirst(), process.args(), process.env()));
    return steps;
  }

  /**
   * A process that is not root keeps across exec only what is ambient (capabilities(7)).
   *
   * @param untilExec permitted and effective besides: without no_new_privs the kernel takes a
   *     filter from CAP_SYS_ADMIN only (seccomp(2)). Being in no other set it is gone after the
   *     exec, for root too, unless the container has it anyway
   */
  private static LaunchStep credentials(OciSpec.Process process, long untilExec) {
    OciSpec.Capabilities sets = process.capabilities();
    return new LaunchStep.Credentials(
        process.user().uid(),
        process.user().gid(),
        process.user().additionalGids(),
        new LaunchStep.CapabilitySets(
            Capability.mask(sets.bounding()),
            Capability.mask(sets.permitted()) | untilExec,
            Capability.mask(sets.effective()) | untilExec,
            Capability.mask(sets.inheritable()),
            Capability.mask(sets.ambient())));
  }
}
