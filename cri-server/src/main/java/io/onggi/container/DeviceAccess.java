package io.onggi.container;

import io.onggi.container.OciSpec.Device;
import io.onggi.container.OciSpec.DeviceCgroup;
import java.util.ArrayList;
import java.util.List;

/**
 * A container's devices.
 *
 * @param nodes made in its /dev
 * @param rules what its cgroup lets it open
 */
record DeviceAccess(List<Device> nodes, List<DeviceCgroup> rules) {
  DeviceAccess {
    nodes = List.copyOf(nodes);
    rules = List.copyOf(rules);
  }

  /** What every container has (OCI runtime-spec, config-linux.md, "Default Devices"). */
  static final DeviceAccess STANDARD =
      new DeviceAccess(MountCompiler.standardDevices(), DeviceRules.standard());

  /**
   * What was asked for, besides the standard ones; for a privileged container all of the node's.
   *
   * @throws io.onggi.error.CriException.InvalidArgument when a device is not there
   */
  static DeviceAccess of(ContainerSpec spec) {
    boolean privileged = spec.security().privileged();
    List<Device> nodes = new ArrayList<>(STANDARD.nodes);
    List<DeviceCgroup> rules = new ArrayList<>(STANDARD.rules);
    if (privileged) {
      HostDevices.all().stream()
          .filter(d -> STANDARD.nodes.stream().noneMatch(s -> s.path().equals(d.path())))
          .forEach(nodes::add);
      rules = new ArrayList<>(List.of(DeviceRules.ALLOW_ALL));
    }
    for (ContainerSpec.DeviceSpec device : spec.devices()) {
      String access = DeviceRules.access(device.permissions());
      for (Device node : HostDevices.at(device.hostPath(), device.containerPath())) {
        nodes.removeIf(n -> n.path().equals(node.path()));
        nodes.add(node);
        if (!privileged) {
          rules.add(DeviceCgroup.allow(node, access.isEmpty() ? "rwm" : access));
        }
      }
    }
    return new DeviceAccess(nodes, rules);
  }
}
