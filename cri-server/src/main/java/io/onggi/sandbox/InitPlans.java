package io.onggi.sandbox;

import static io.onggi.linux.KernelConstants.CLONE_NEWNS;
import static io.onggi.linux.KernelConstants.CLONE_NEWPID;
import static io.onggi.linux.KernelConstants.CLONE_NEWUSER;
import static io.onggi.linux.KernelConstants.MOUNT_ATTR_RDONLY;
import static io.onggi.linux.KernelConstants.MS_PRIVATE;
import static io.onggi.linux.KernelConstants.MS_REC;

import io.onggi.launch.LaunchPlan;
import io.onggi.launch.LaunchStep;
import io.onggi.launch.LaunchStep.CapabilitySets;
import io.onggi.launch.Setting;
import io.onggi.linux.Namespaces;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Plans of the processes that a sandbox itself may have; neither runs a foreign program. */
final class InitPlans {
  private static final Duration STEPS = Duration.ofSeconds(20);
  private static final int USER_SLOT = 1;
  private static final CapabilitySets ALL = new CapabilitySets(-1, -1, -1, -1, 0);

  private InitPlans() {}

  /**
   * Pid 1 of the pod: nothing but a reaper in an empty read-only root, so that no container that
   * shares its pid namespace finds a way to the host through /proc/1/root.
   *
   * @param user it lives in the pod's user namespace
   */
  static LaunchPlan init(SandboxLayout layout, SandboxId id, boolean user) {
    List<LaunchStep> steps = new ArrayList<>();
    if (user) {
      String pin = layout.pin(id, Namespaces.Kind.USER).toString();
      steps.add(new LaunchStep.OpenNs(USER_SLOT, pin));
    }
    steps.add(new LaunchStep.Propagation(MS_REC | MS_PRIVATE));
    steps.add(
        new LaunchStep.NewFs(
            0, MOUNT_ATTR_RDONLY, "tmpfs", "tmpfs", List.of("size=4k", "mode=555")));
    steps.add(new LaunchStep.AttachRoot(0, layout.initRoot(id).toString()));
    steps.add(new LaunchStep.Pivot());
    if (user) {
      steps.add(new LaunchStep.EnterNs(USER_SLOT, CLONE_NEWUSER));
      steps.add(new LaunchStep.Unshare(CLONE_NEWNS));
      steps.add(new LaunchStep.Credentials(0, 0, List.of(), CapabilitySets.NONE));
    }
    steps.add(new LaunchStep.Init());
    return new LaunchPlan(settings(layout, id, CLONE_NEWNS | CLONE_NEWPID), steps);
  }

  /**
   * Makes the pod's user namespace and, owned by it, the others of {@code kinds}; lives until they
   * are pinned. It is nobody's neighbour: in no pid namespace of a container, its memory the
   * host's.
   */
  static LaunchPlan owner(
      SandboxLayout layout,
      SandboxId id,
      UserMapping mapping,
      Set<Namespaces.Kind> kinds,
      SandboxSpec spec) {
    List<Setting> settings = settings(layout, id, CLONE_NEWUSER);
    settings.add(new Setting.IdMaps(mapping.uids().line(), mapping.gids().line()));
    long owned =
        kinds.stream()
            .filter(kind -> kind != Namespaces.Kind.USER)
            .mapToLong(Namespaces.Kind::cloneFlag)
            .sum();
    List<LaunchStep> steps = new ArrayList<>();
    // As its root: what the kernel makes with a namespace (mqueue's root) is the pod's then, and an
    // ipc sysctl is written by the root of its namespace only (ipc_permissions, Linux 5.19).
    steps.add(asRoot());
    steps.add(new LaunchStep.Unshare(owned));
    if (kinds.contains(Namespaces.Kind.UTS)) {
      steps.add(new LaunchStep.Hostname(PodFiles.hostname(spec)));
    }
    spec.sysctls()
        .forEach(
            (name, value) ->
                steps.add(
                    new LaunchStep.Sysctl(
                        name.contains("/") ? name : name.replace('.', '/'), value)));
    steps.add(new LaunchStep.Init());
    return new LaunchPlan(settings, steps);
  }

  private static LaunchStep asRoot() {
    return new LaunchStep.Credentials(0, 0, List.of(), ALL);
  }

  private static List<Setting> settings(SandboxLayout layout, SandboxId id, long clone) {
    return new ArrayList<>(
        List.of(
            new Setting.Socket(layout.initSocket(id).toString()),
            new Setting.ExitRecordFile(layout.directory(id).resolve("init-exit").toString()),
            new Setting.Log("", Setting.Log.CRI_MAX_LINE),
            new Setting.Clone(clone, ""),
            new Setting.StartTimeout(STEPS)));
  }
}
