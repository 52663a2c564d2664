package io.onggi.rpc;

import io.onggi.cgroup.Limits;
import io.onggi.container.Container;
import io.onggi.container.ContainerSpec;
import io.onggi.container.ContainerState.Created;
import io.onggi.container.ContainerState.Exited;
import io.onggi.container.ContainerState.Removing;
import io.onggi.container.ContainerState.Running;
import io.onggi.container.ContainerState.Starting;
import io.onggi.proto.ContainerFilter;
import io.onggi.proto.ContainerMetadata;
import io.onggi.proto.ContainerResources;
import io.onggi.proto.ContainerState;
import io.onggi.proto.ContainerStatus;
import io.onggi.proto.ContainerUser;
import io.onggi.proto.HugepageLimit;
import io.onggi.proto.ImageSpec;
import io.onggi.proto.LinuxContainerResources;
import io.onggi.proto.LinuxContainerUser;
import io.onggi.proto.Signal;
import io.onggi.sandbox.UserMapping;
import java.util.Optional;

/** Containers as CRI shows them. */
final class ContainerAnswers {
  private ContainerAnswers() {}

  static io.onggi.proto.Container listed(Container container) {
    ContainerSpec spec = container.spec();
    return io.onggi.proto.Container.newBuilder()
        .setId(container.id().value())
        .setPodSandboxId(spec.sandbox().value())
        .setMetadata(metadata(spec))
        .setImage(image(spec))
        .setImageRef(container.imageId())
        .setImageId(container.imageId())
        .setState(state(container))
        .setCreatedAt(Times.nanos(container.createdAt()))
        .putAllLabels(spec.labels())
        .putAllAnnotations(spec.annotations())
        .build();
  }

  static ContainerStatus status(Container container) {
    ContainerSpec spec = container.spec();
    ContainerStatus.Builder status =
        ContainerStatus.newBuilder()
            .setId(container.id().value())
            .setMetadata(metadata(spec))
            .setState(state(container))
            .setCreatedAt(Times.nanos(container.createdAt()))
            .setImage(image(spec))
            .setImageRef(container.imageId())
            .setImageId(container.imageId())
            .putAllLabels(spec.labels())
            .putAllAnnotations(spec.annotations())
            .setLogPath(container.logFile())
            .setResources(ContainerResources.newBuilder().setLinux(resources(spec)))
            .setUser(ContainerUser.newBuilder().setLinux(user(container)))
            .setStopSignal(signal(container.stopSignal()));
    Optional<UserMapping> user = spec.security().namespaces().user();
    spec.mounts().forEach(m -> status.addMounts(MountTranslation.answer(m, user)));
    switch (container.state()) {
      case Created _, Starting _, Removing _ -> {}
      case Running running -> status.setStartedAt(Times.nanos(running.startedAt()));
      case Exited exited ->
          status
              .setStartedAt(Times.nanos(exited.startedAt()))
              .setFinishedAt(Times.nanos(exited.finishedAt()))
              .setExitCode(exited.exitCode())
              .setReason(exited.reason())
              .setMessage(exited.message());
    }
    return status.build();
  }

  /** Whether CRI's filter lets it through: all that is given must match. */
  static boolean matches(Container container, ContainerFilter filter) {
    return container.id().value().startsWith(filter.getId())
        && container.spec().sandbox().value().startsWith(filter.getPodSandboxId())
        && (!filter.hasState() || filter.getState().getState() == state(container))
        && filter.getLabelSelectorMap().entrySet().stream()
            .allMatch(e -> e.getValue().equals(container.spec().labels().get(e.getKey())));
  }

  static ContainerState state(Container container) {
    return switch (container.state()) {
      case Created _, Starting _ -> ContainerState.CONTAINER_CREATED;
      case Running _ -> ContainerState.CONTAINER_RUNNING;
      case Exited _ -> ContainerState.CONTAINER_EXITED;
      case Removing _ -> ContainerState.CONTAINER_UNKNOWN;
    };
  }

  private static ContainerMetadata metadata(ContainerSpec spec) {
    return ContainerMetadata.newBuilder().setName(spec.name()).setAttempt(spec.attempt()).build();
  }

  private static ImageSpec image(ContainerSpec spec) {
    return ImageSpec.newBuilder()
        .setImage(spec.image())
        .setUserSpecifiedImage(spec.userImage())
        .build();
  }

  private static LinuxContainerUser user(Container container) {
    return LinuxContainerUser.newBuilder()
        .setUid(container.runAs().uid())
        .setGid(container.runAs().gid())
        .addAllSupplementalGroups(container.runAs().groups())
        .build();
  }

  /** As given, not as the kernel rounds it: the kubelet compares. */
  private static LinuxContainerResources resources(ContainerSpec spec) {
    Limits limits = spec.limits();
    LinuxContainerResources.Builder r =
        LinuxContainerResources.newBuilder()
            .setCpuShares(limits.cpuShares().orElse(0))
            .setCpuQuota(limits.cpuQuotaMicros().orElse(0))
            .setCpuPeriod(limits.cpuPeriodMicros().orElse(0))
            .setMemoryLimitInBytes(limits.memoryBytes().orElse(0))
            .setMemorySwapLimitInBytes(limits.memorySwapBytes().orElse(0))
            .setCpusetCpus(limits.cpusetCpus().orElse(""))
            .setCpusetMems(limits.cpusetMems().orElse(""))
            .setOomScoreAdj(spec.oomScoreAdj().orElse(0))
            .putAllUnified(limits.unified());
    limits
        .hugepages()
        .forEach(
            h ->
                r.addHugepageLimits(
                    HugepageLimit.newBuilder().setPageSize(h.pageSize()).setLimit(h.bytes())));
    return r.build();
  }

  private static Signal signal(int number) {
    for (Signal signal : Signal.values()) {
      if (signal != Signal.UNRECOGNIZED
          && signal != Signal.SIGNAL_RUNTIME_DEFAULT
          && io.onggi.container.Signals.parse(signal.name().substring("SIGNAL_".length()))
              == number) {
        return signal;
      }
    }
    return Signal.SIGNAL_RUNTIME_DEFAULT;
  }
}
