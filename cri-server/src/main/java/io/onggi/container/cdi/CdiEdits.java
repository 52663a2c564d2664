package io.onggi.container.cdi;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a device asks of a container ({@code containerEdits}); component names are the JSON names.
 *
 * @param additionalGids without 0, which the specification ignores
 */
record CdiEdits(
    List<String> env,
    List<DeviceNode> deviceNodes,
    List<NetDevice> netDevices,
    List<CdiMount> mounts,
    List<CdiHook> hooks,
    Optional<Rdt> intelRdt,
    List<Long> additionalGids) {

  static final CdiEdits NONE =
      new CdiEdits(
          List.of(), List.of(), List.of(), List.of(), List.of(), Optional.empty(), List.of());

  CdiEdits {
    env = List.copyOf(env);
    deviceNodes = List.copyOf(deviceNodes);
    netDevices = List.copyOf(netDevices);
    mounts = List.copyOf(mounts);
    hooks = List.copyOf(hooks);
    additionalGids = List.copyOf(additionalGids);
  }

  boolean isEmpty() {
    return equals(NONE);
  }

  /**
   * @param path in the container
   * @param hostPath where it is looked at; the same as {@code path} when the file says nothing
   * @param type b, c, u (the same as c) or p; empty: as on the host
   * @param permissions of r, w and m; {@code none}: none at all; empty: all
   */
  record DeviceNode(
      String path,
      String hostPath,
      String type,
      Optional<Long> major,
      Optional<Long> minor,
      Optional<Long> fileMode,
      String permissions,
      Optional<Long> uid,
      Optional<Long> gid) {}

  record NetDevice(String hostInterfaceName, String name) {}

  record CdiMount(String hostPath, String containerPath, String type, List<String> options) {
    CdiMount {
      options = List.copyOf(options);
    }
  }

  /**
   * @param timeout seconds, above 0
   */
  record CdiHook(
      String hookName, String path, List<String> args, List<String> env, Optional<Long> timeout) {
    CdiHook {
      args = List.copyOf(args);
      env = List.copyOf(env);
    }
  }

  record Rdt(
      Optional<String> closID,
      Optional<String> l3CacheSchema,
      Optional<String> memBwSchema,
      Optional<List<String>> schemata,
      boolean monitoring) {}

  /**
   * One file.
   *
   * @param devices by name
   * @param common for whoever has any device of the file
   */
  record CdiFile(String kind, Map<String, CdiEdits> devices, CdiEdits common) {
    CdiFile {
      devices = Map.copyOf(devices);
    }
  }
}
