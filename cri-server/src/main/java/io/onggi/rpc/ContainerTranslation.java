package io.onggi.rpc;

import io.onggi.cgroup.HugepageLimit;
import io.onggi.cgroup.Limits;
import io.onggi.container.Capability;
import io.onggi.container.ContainerSpec;
import io.onggi.container.ContainerSpec.DeviceSpec;
import io.onggi.container.ContainerSpec.EnvironmentVariable;
import io.onggi.container.ContainerSpec.MountSpec;
import io.onggi.container.ContainerSpec.Propagation;
import io.onggi.container.ContainerSpec.SecuritySpec;
import io.onggi.container.seccomp.SeccompChoice;
import io.onggi.error.CriException;
import io.onggi.launch.RawText;
import io.onggi.proto.CDIDevice;
import io.onggi.proto.ContainerConfig;
import io.onggi.proto.CreateContainerRequest;
import io.onggi.proto.LinuxContainerResources;
import io.onggi.proto.LinuxContainerSecurityContext;
import io.onggi.proto.Mount;
import io.onggi.proto.Signal;
import io.onggi.sandbox.Sandbox;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** CreateContainer's request as a {@link ContainerSpec}; what cannot be done is refused here. */
final class ContainerTranslation {
  /** 2^32-1 means "leave as it is" to setresuid(2). */
  private static final long MAX_ID = 0xFFFF_FFFEL;

  private ContainerTranslation() {}

  static ContainerSpec spec(CreateContainerRequest request, Sandbox sandbox) {
    if (!request.hasConfig()) {
      throw new CriException.InvalidArgument("CreateContainer: config is missing");
    }
    ContainerConfig config = request.getConfig();
    if (!config.hasMetadata()) {
      throw new CriException.InvalidArgument("CreateContainer: config.metadata is missing");
    }
    String title = "container " + config.getMetadata().getName();
    LinuxContainerResources resources = config.getLinux().getResources();
    return new ContainerSpec(
        sandbox.id(),
        config.getMetadata().getName(),
        config.getMetadata().getAttempt(),
        config.getImage().getImage(),
        config.getImage().getUserSpecifiedImage(),
        config.getCommandList(),
        config.getArgsList(),
        config.getWorkingDir(),
        config.getEnvsList().stream()
            .map(e -> new EnvironmentVariable(e.getKey(), RawText.of(e.getValue().toByteArray())))
            .toList(),
        config.getMountsList().stream().map(m -> mount(title, m)).toList(),
        config.getDevicesList().stream()
            .map(d -> new DeviceSpec(d.getContainerPath(), d.getHostPath(), d.getPermissions()))
            .toList(),
        config.getCDIDevicesList().stream().map(CDIDevice::getName).toList(),
        config.getLabelsMap(),
        config.getAnnotationsMap(),
        config.getLogPath(),
        config.getStdin(),
        config.getStdinOnce(),
        config.getTty(),
        stopSignal(title, config),
        limits(resources),
        oomScore(resources),
        security(title, config.getLinux().getSecurityContext()));
  }

  private static MountSpec mount(String title, Mount mount) {
    if (mount.hasImage() && !mount.getImage().getImage().isEmpty()) {
      if (!mount.getHostPath().isEmpty()) {
        throw new CriException.InvalidArgument(
            title
                + ": mount for "
                + mount.getContainerPath()
                + " has both host_path and image; set one of them");
      }
      throw new CriException.Unimplemented(title + ": image volumes are not built yet");
    }
    if (mount.getUidMappingsCount() + mount.getGidMappingsCount() > 0) {
      throw new CriException.Unimplemented(title + ": idmapped mounts are not built yet");
    }
    if (mount.getMountOptionsCount() > 0) {
      throw new CriException.Unimplemented(title + ": mount_options are not built yet");
    }
    return new MountSpec(
        mount.getContainerPath(),
        mount.getHostPath(),
        mount.getReadonly(),
        mount.getRecursiveReadOnly(),
        switch (mount.getPropagation()) {
          case PROPAGATION_PRIVATE -> Propagation.PRIVATE;
          case PROPAGATION_HOST_TO_CONTAINER -> Propagation.HOST_TO_CONTAINER;
          case PROPAGATION_BIDIRECTIONAL -> Propagation.BIDIRECTIONAL;
          case UNRECOGNIZED ->
              throw new CriException.InvalidArgument(
                  title + ": propagation " + mount.getPropagationValue() + " is unknown");
        },
        mount.getSelinuxRelabel());
  }

  private static String stopSignal(String title, ContainerConfig config) {
    Signal signal = config.getStopSignal();
    if (signal == Signal.UNRECOGNIZED) {
      throw new CriException.InvalidArgument(
          title + ": stop_signal " + config.getStopSignalValue() + " is unknown");
    }
    return signal == Signal.SIGNAL_RUNTIME_DEFAULT
        ? ""
        : signal.name().substring("SIGNAL_".length());
  }

  /** In this message 0 means "not said". */
  static Limits limits(LinuxContainerResources r) {
    return new Limits(
        positive(r.getCpuShares()),
        r.getCpuQuota() == 0 ? OptionalLong.empty() : OptionalLong.of(r.getCpuQuota()),
        positive(r.getCpuPeriod()),
        positive(r.getMemoryLimitInBytes()),
        positive(r.getMemorySwapLimitInBytes()),
        OptionalLong.empty(),
        text(r.getCpusetCpus()),
        text(r.getCpusetMems()),
        r.getHugepageLimitsList().stream()
            .map(h -> new HugepageLimit(h.getPageSize(), h.getLimit()))
            .toList(),
        r.getUnifiedMap(),
        List.of());
  }

  private static OptionalLong positive(long value) {
    return value > 0 ? OptionalLong.of(value) : OptionalLong.empty();
  }

  private static Optional<String> text(String value) {
    return value.isEmpty() ? Optional.empty() : Optional.of(value);
  }

  private static OptionalInt oomScore(LinuxContainerResources r) {
    return r.getOomScoreAdj() == 0
        ? OptionalInt.empty()
        : OptionalInt.of(Math.toIntExact(Math.clamp(r.getOomScoreAdj(), -1000, 1000)));
  }

  private static SecuritySpec security(String title, LinuxContainerSecurityContext s) {
    if (!s.getPrivileged()) {
      Profiles.check(title, s.getSeccomp(), s.getApparmor());
    }
    return new SecuritySpec(
        s.getPrivileged(),
        capabilities(title, "add_capabilities", s.getCapabilities().getAddCapabilitiesList()),
        capabilities(title, "drop_capabilities", s.getCapabilities().getDropCapabilitiesList()),
        capabilities(
            title, "add_ambient_capabilities", s.getCapabilities().getAddAmbientCapabilitiesList()),
        SandboxTranslation.namespaces(title, s.getNamespaceOptions()),
        s.hasRunAsUser()
            ? Optional.of(id(title, "run_as_user", s.getRunAsUser().getValue()))
            : Optional.empty(),
        s.hasRunAsGroup()
            ? Optional.of(id(title, "run_as_group", s.getRunAsGroup().getValue()))
            : Optional.empty(),
        s.getRunAsUsername(),
        s.getSupplementalGroupsList().stream()
            .map(g -> id(title, "supplemental group", g))
            .toList(),
        strictGroups(title, s),
        s.getReadonlyRootfs(),
        s.getNoNewPrivs(),
        s.getMaskedPathsList(),
        s.getReadonlyPathsList(),
        s.getPrivileged() ? new SeccompChoice.Unconfined() : Profiles.seccomp(title, s));
  }

  /** Which of the three lists a wrong name is in only this class can say. */
  private static List<String> capabilities(String title, String field, List<String> names) {
    try {
      Capability.parseAll(names);
      return names;
    } catch (CriException.InvalidArgument e) {
      throw new CriException.InvalidArgument(title + ": " + field + ": " + e.getMessage(), e);
    }
  }

  private static boolean strictGroups(String title, LinuxContainerSecurityContext s) {
    return switch (s.getSupplementalGroupsPolicy()) {
      case Merge -> false;
      case Strict -> true;
      case UNRECOGNIZED ->
          throw new CriException.InvalidArgument(
              title
                  + ": supplemental_groups_policy "
                  + s.getSupplementalGroupsPolicyValue()
                  + " is unknown");
    };
  }

  private static long id(String title, String what, long value) {
    if (value < 0 || value > MAX_ID) {
      throw new CriException.InvalidArgument(
          title + ": " + what + " " + value + " is not within 0-" + MAX_ID);
    }
    return value;
  }
}
