package io.onggi.container;

import io.onggi.cgroup.Limits;
import io.onggi.container.ContainerSpec.DeviceSpec;
import io.onggi.container.ContainerSpec.EnvironmentVariable;
import io.onggi.container.ContainerSpec.MountSpec;
import io.onggi.container.ContainerSpec.Propagation;
import io.onggi.container.ContainerSpec.SecuritySpec;
import io.onggi.container.seccomp.SeccompChoice;
import io.onggi.sandbox.NamespaceMode;
import io.onggi.sandbox.NamespaceModes;
import io.onggi.sandbox.SandboxId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** A container spec in the making, for tests; plain until something is said. */
public final class SpecDraft {
  public SandboxId sandbox;
  public String name;
  public int attempt;
  public String image = ContainerWorld.IMAGE;
  public List<String> command = List.of();
  public List<String> args = List.of();
  public String workingDirectory = "";
  public List<EnvironmentVariable> env = new ArrayList<>();
  public List<MountSpec> mounts = new ArrayList<>();
  public List<DeviceSpec> devices = List.of();
  public List<String> cdiDevices = List.of();
  public Map<String, String> annotations = Map.of("note", "as \u00e9crit");
  public String logPath = "";
  public boolean stdin;
  public boolean terminal;
  public String stopSignal = "";
  public Limits limits = Limits.NONE;
  public OptionalInt oomScoreAdj = OptionalInt.empty();
  public boolean privileged;
  public List<String> add = List.of();
  public List<String> drop = List.of();
  public List<String> ambient = List.of();
  public NamespaceModes modes =
      new NamespaceModes(NamespaceMode.POD, NamespaceMode.CONTAINER, NamespaceMode.POD, "");
  public Optional<Long> user = Optional.empty();
  public Optional<Long> group = Optional.empty();
  public String userName = "";
  public List<Long> groups = List.of();
  public boolean strictGroups;
  public boolean readOnlyRootfs;
  public boolean noNewPrivileges;
  public List<String> maskedPaths = List.of("/proc/kcore");
  public List<String> readonlyPaths = List.of("/proc/sys");

  private SpecDraft(SandboxId sandbox, String name) {
    this.sandbox = sandbox;
    this.name = name;
  }

  public static SpecDraft of(SandboxId sandbox, String name) {
    return new SpecDraft(sandbox, name);
  }

  public SpecDraft mount(String hostPath, String containerPath, boolean readOnly) {
    mounts.add(new MountSpec(containerPath, hostPath, readOnly, false, Propagation.PRIVATE, false));
    return this;
  }

  public SecuritySpec security() {
    return new SecuritySpec(
        privileged,
        add,
        drop,
        ambient,
        modes,
        user,
        group,
        userName,
        groups,
        strictGroups,
        readOnlyRootfs,
        noNewPrivileges,
        maskedPaths,
        readonlyPaths,
        new SeccompChoice.Unconfined());
  }

  public ContainerSpec spec() {
    return new ContainerSpec(
        sandbox,
        name,
        attempt,
        image,
        "",
        command,
        args,
        workingDirectory,
        env,
        mounts,
        devices,
        cdiDevices,
        Map.of("app", name),
        annotations,
        logPath,
        stdin,
        false,
        terminal,
        stopSignal,
        limits,
        oomScoreAdj,
        security());
  }
}
