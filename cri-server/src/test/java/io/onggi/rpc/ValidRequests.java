package io.onggi.rpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.onggi.container.ContainerWorld;
import io.onggi.proto.AttachRequest;
import io.onggi.proto.AuthConfig;
import io.onggi.proto.Capability;
import io.onggi.proto.ContainerConfig;
import io.onggi.proto.ContainerFilter;
import io.onggi.proto.ContainerMetadata;
import io.onggi.proto.ContainerState;
import io.onggi.proto.ContainerStateValue;
import io.onggi.proto.CreateContainerRequest;
import io.onggi.proto.DNSConfig;
import io.onggi.proto.Device;
import io.onggi.proto.ExecRequest;
import io.onggi.proto.ExecSyncRequest;
import io.onggi.proto.HugepageLimit;
import io.onggi.proto.ImageSpec;
import io.onggi.proto.Int64Value;
import io.onggi.proto.KeyValue;
import io.onggi.proto.LinuxContainerConfig;
import io.onggi.proto.LinuxContainerResources;
import io.onggi.proto.LinuxContainerSecurityContext;
import io.onggi.proto.LinuxPodSandboxConfig;
import io.onggi.proto.LinuxSandboxSecurityContext;
import io.onggi.proto.ListContainersRequest;
import io.onggi.proto.ListPodSandboxRequest;
import io.onggi.proto.Mount;
import io.onggi.proto.NamespaceMode;
import io.onggi.proto.NamespaceOption;
import io.onggi.proto.NetworkConfig;
import io.onggi.proto.PodSandboxConfig;
import io.onggi.proto.PodSandboxFilter;
import io.onggi.proto.PodSandboxMetadata;
import io.onggi.proto.PodSandboxState;
import io.onggi.proto.PodSandboxStateValue;
import io.onggi.proto.PortForwardRequest;
import io.onggi.proto.PortMapping;
import io.onggi.proto.PullImageRequest;
import io.onggi.proto.RunPodSandboxRequest;
import io.onggi.proto.RuntimeConfig;
import io.onggi.proto.SecurityProfile;
import io.onggi.proto.Signal;
import io.onggi.proto.UpdateContainerResourcesRequest;
import io.onggi.proto.UpdateRuntimeConfigRequest;
import java.util.List;

/**
 * A request of each kind that succeeds, with as many fields set as can be at once: what is spoilt
 * for a test begins here.
 */
final class ValidRequests {
  private ValidRequests() {}

  /** The kubelet's own request for a pod, with all that it could say. */
  static RunPodSandboxRequest pod(String name) {
    return RunPodSandboxRequest.newBuilder().setConfig(podConfig(name)).build();
  }

  static PodSandboxConfig podConfig(String name) {
    return PodSandboxConfig.newBuilder()
        .setMetadata(
            PodSandboxMetadata.newBuilder()
                .setName(name)
                .setUid("uid-" + name)
                .setNamespace("default")
                .setAttempt(1))
        .setHostname(name)
        .setLogDirectory("/var/log/pods/default_" + name)
        .setDnsConfig(
            DNSConfig.newBuilder()
                .addServers("10.96.0.10")
                .addSearches("default.svc.cluster.local")
                .addOptions("ndots:5"))
        .addPortMappings(PortMapping.newBuilder().setContainerPort(80).setHostIp("127.0.0.1"))
        .putLabels("app", name)
        .putAnnotations("note", "as it was")
        .setLinux(
            LinuxPodSandboxConfig.newBuilder()
                .setCgroupParent("/kubepods/besteffort/pod" + name)
                .putSysctls("net.ipv4.ip_unprivileged_port_start", "0")
                .setOverhead(resources())
                .setResources(resources())
                .setSecurityContext(
                    LinuxSandboxSecurityContext.newBuilder()
                        .setNamespaceOptions(namespaces())
                        .setRunAsUser(Int64Value.newBuilder().setValue(1000))
                        .setRunAsGroup(Int64Value.newBuilder().setValue(1000))
                        .addSupplementalGroups(2000)
                        .setSeccomp(SecurityProfile.getDefaultInstance())
                        .setApparmor(unconfined())))
        .build();
  }

  private static NamespaceOption namespaces() {
    return NamespaceOption.newBuilder().setPid(NamespaceMode.CONTAINER).build();
  }

  private static SecurityProfile unconfined() {
    return SecurityProfile.newBuilder()
        .setProfileType(SecurityProfile.ProfileType.Unconfined)
        .build();
  }

  private static LinuxContainerResources resources() {
    return LinuxContainerResources.newBuilder()
        .setCpuPeriod(100_000)
        .setCpuQuota(50_000)
        .setCpuShares(512)
        .setMemoryLimitInBytes(64 << 20)
        .setMemorySwapLimitInBytes(64 << 20)
        .setOomScoreAdj(900)
        .setCpusetCpus("0")
        .setCpusetMems("0")
        .addHugepageLimits(HugepageLimit.newBuilder().setPageSize("2MB").setLimit(0))
        .putUnified("memory.high", "60000000")
        .build();
  }

  static CreateContainerRequest container(String pod, PodSandboxConfig podConfig, String name) {
    return CreateContainerRequest.newBuilder()
        .setPodSandboxId(pod)
        .setSandboxConfig(podConfig)
        .setConfig(
            ContainerConfig.newBuilder()
                .setMetadata(ContainerMetadata.newBuilder().setName(name).setAttempt(2))
                .setImage(
                    ImageSpec.newBuilder()
                        .setImage(ContainerWorld.IMAGE)
                        .setUserSpecifiedImage("app:1")
                        .putAnnotations("from", "pod"))
                .addCommand("/bin/app")
                .addArgs("serve")
                .setWorkingDir("/srv")
                .addEnvs(
                    KeyValue.newBuilder().setKey("MODE").setValue(ByteString.copyFromUtf8("on")))
                .addMounts(
                    Mount.newBuilder()
                        .setContainerPath("/data")
                        .setHostPath("/var/lib/data")
                        .setReadonly(true))
                .addDevices(
                    Device.newBuilder()
                        .setContainerPath("/dev/nothing")
                        .setHostPath("/dev/null")
                        .setPermissions("rw"))
                .putLabels("app", name)
                .putAnnotations("note", "as it was")
                .setLogPath(name + "/0.log")
                .setLinux(
                    LinuxContainerConfig.newBuilder()
                        .setResources(resources())
                        .setSecurityContext(security()))
                .setStopSignal(Signal.SIGNAL_SIGTERM))
        .build();
  }

  private static LinuxContainerSecurityContext security() {
    return LinuxContainerSecurityContext.newBuilder()
        .setCapabilities(
            Capability.newBuilder()
                .addAddCapabilities("NET_ADMIN")
                .addDropCapabilities("CAP_KILL")
                .addAddAmbientCapabilities("NET_BIND_SERVICE"))
        .setNamespaceOptions(namespaces())
        .setRunAsUser(Int64Value.newBuilder().setValue(1000))
        .setRunAsGroup(Int64Value.newBuilder().setValue(1000))
        .setReadonlyRootfs(true)
        .addSupplementalGroups(2000)
        .setNoNewPrivs(true)
        .addMaskedPaths("/proc/kcore")
        .addReadonlyPaths("/proc/sys")
        .setSeccomp(SecurityProfile.getDefaultInstance())
        .setApparmor(unconfined())
        .build();
  }

  /**
   * A valid request of that type.
   *
   * @param pod a ready sandbox
   * @param container a running container in it
   */
  static Message of(Message type, String pod, String container) {
    return switch (type) {
      case RunPodSandboxRequest _ -> pod("spoilt");
      case CreateContainerRequest _ -> container(pod, podConfig("base"), "spoilt");
      case ListPodSandboxRequest r ->
          r.toBuilder()
              .setFilter(
                  PodSandboxFilter.newBuilder()
                      .setId(pod)
                      .setState(
                          PodSandboxStateValue.newBuilder().setState(PodSandboxState.SANDBOX_READY))
                      .putLabelSelector("app", "base"))
              .build();
      case ListContainersRequest r ->
          r.toBuilder()
              .setFilter(
                  ContainerFilter.newBuilder()
                      .setId(container)
                      .setPodSandboxId(pod)
                      .setState(
                          ContainerStateValue.newBuilder()
                              .setState(ContainerState.CONTAINER_RUNNING))
                      .putLabelSelector("app", "base"))
              .build();
      case UpdateContainerResourcesRequest r ->
          r.toBuilder().setContainerId(container).setLinux(resources()).build();
      case ExecSyncRequest r ->
          r.toBuilder().setContainerId(container).addCmd("/bin/app").setTimeout(5).build();
      case ExecRequest r ->
          r.toBuilder().setContainerId(container).addCmd("/bin/app").setStdout(true).build();
      case AttachRequest r -> r.toBuilder().setContainerId(container).setStdout(true).build();
      case PortForwardRequest r -> r.toBuilder().setPodSandboxId(pod).addPort(80).build();
      case UpdateRuntimeConfigRequest r ->
          r.toBuilder()
              .setRuntimeConfig(
                  RuntimeConfig.newBuilder()
                      .setNetworkConfig(NetworkConfig.newBuilder().setPodCidr("10.9.0.0/16")))
              .build();
      case PullImageRequest r ->
          r.toBuilder()
              .setImage(ImageSpec.newBuilder().setImage("127.0.0.1:1/a/b:1"))
              .setAuth(AuthConfig.newBuilder().setUsername("me").setPassword("secret"))
              .setSandboxConfig(podConfig("base"))
              .build();
      default -> named(type, pod, container);
    };
  }

  /** By the names that fields have everywhere. */
  private static Message named(Message type, String pod, String container) {
    Message.Builder request = type.toBuilder();
    type.getDescriptorForType()
        .getFields()
        .forEach(
            field -> {
              switch (field.getName()) {
                case "pod_sandbox_id" -> request.setField(field, pod);
                case "container_id" -> request.setField(field, container);
                case "image" ->
                    request.setField(
                        field, ImageSpec.newBuilder().setImage(ContainerWorld.IMAGE).build());
                default -> {}
              }
            });
    return request.build();
  }

  /** Names of RPCs whose stream has no end of its own. */
  static final List<String> ENDLESS = List.of("GetContainerEvents");
}
