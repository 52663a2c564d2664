package io.onggi.rpc;

import io.onggi.cgroup.HugepageLimit;
import io.onggi.cgroup.Limits;
import io.onggi.container.Capability;
import io.onggi.container.ContainerSpec;
import io.onggi.container.ContainerSpec.DeviceSpec;
import io.onggi.container.ContainerSpec.EnvironmentVariable;
import io.onggi.container.ContainerSpec.SecuritySpec;
import io.onggi.container.seccomp.SeccompChoice;
import io.onggi.error.CriException;
import io.onggi.launch.RawText;
import io.onggi.proto.CDIDevice;
import io.onggi.proto.ContainerConfig;
import io.onggi.proto.CreateContainerRequest;
import io.onggi.proto.LinuxContainerResources;
import io.onggi.proto.LinuxContainerSecurityContext;
import io.onggi.proto.Signal;
import io.onggi.sandbox.Sandbox;
import io.onggi.sandbox.UserMapping;
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
        config.getMountsList().stream()
            .map(m -> MountTranslation.spec(title, m, sandbox.spec().namespaces().user()))
            .toList(),
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
        security(
            title, config.getLinux().getSecurityContext(), sandbox.spec().namespaces().user()));
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
        said(r.getCpuShares()),
        said(r.getCpuQuota()),
        said(r.getCpuPeriod()),
        said(r.getMemoryLimitInBytes()),
        said(r.getMemorySwapLimitInBytes()),
        OptionalLong.empty(),
        text(r.getCpusetCpus()),
        text(r.getCpusetMems()),
        r.getHugepageLimitsList().stream()
            .map(h -> new HugepageLimit(h.getPageSize(), h.getLimit()))
            .toList(),
        r.getUnifiedMap(),
        List.of());
  }

  private static OptionalLong said(long value) {
    return value != 0 ? OptionalLong.of(value) : OptionalLong.empty();
  }

  private static Optional<String> text(String value) {
    return value.isEmpty() ? Optional.empty() : Optional.of(value);
  }

  private static OptionalInt oomScore(LinuxContainerResources r) {
    return r.getOomScoreAdj() == 0
        ? OptionalInt.empty()
        : OptionalInt.of(Math.toIntExact(Math.clamp(r.getOomScoreAdj(), -1000, 1000)));
  }

  @SuppressWarnings("deprecation") // apparmor_profile is what older clients send
  private static SecuritySpec security(
      String title, LinuxContainerSecurityContext s, Optional<UserMapping> user) {
    if (!s.getPrivileged()) {
      Profiles.check(title, s.getSeccomp(), s.getApparmor());
      Profiles.checkOldAppArmor(title, s.getApparmorProfile());
      Profiles.checkSelinux(title, s.getSelinuxOptions());
    }
    return new SecuritySpec(
        s.getPrivileged(),
        capabilities(title, "add_capabilities", s.getCapabilities().getAddCapabilitiesList()),
        capabilities(title, "drop_capabilities", s.getCapabilities().getDropCapabilitiesList()),
        capabilities(
            title, "add_ambient_capabilities", s.getCapabilities().getAddAmbientCapabilitiesList()),
        SandboxTranslation.namespaces(
            title,
            s.getNamespaceOptions(),
            UserNamespaces.ofContainer(title, s.getNamespaceOptions(), user)),
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
