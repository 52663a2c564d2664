package io.onggi.daemon.config;

import io.onggi.daemon.config.DaemonConfig.CdiConfig;
import io.onggi.daemon.config.DaemonConfig.CgroupConfig;
import io.onggi.daemon.config.DaemonConfig.ImageConfig;
import io.onggi.daemon.config.DaemonConfig.LogConfig;
import io.onggi.daemon.config.DaemonConfig.NetworkConfig;
import io.onggi.daemon.config.DaemonConfig.ServerConfig;
import io.onggi.daemon.config.DaemonConfig.StorageConfig;
import io.onggi.log.LogLevel;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Every setting once: its key in the file, its flag, and where it goes. Values are strings in the
 * file, too.
 */
enum Option {
  ROOT("root", "--root", "DIR", "images, layers and state that is kept over a boot"),
  STATE("state", "--state", "DIR", "sockets and what a boot may wipe; at most 60 bytes"),
  SOCKET("socket", "--socket", "PATH", "where the kubelet and crictl find the daemon"),
  REGISTRY_CONFIG(
      "image.registry_config", "--registry-config", "DIR", "directory of HOST/hosts.toml"),
  BRIDGE("network.bridge", "--bridge", "NAME", "the built-in bridge's link name"),
  POD_CIDR("network.pod_cidr", "--pod-cidr", "CIDR", "the pods' IPv4 network"),
  CNI_CONF_DIR(
      "network.cni_conf_dir", "--cni-conf-dir", "DIR", "conflists; while empty: the bridge"),
  CNI_BIN_DIRS("network.cni_bin_dirs", "--cni-bin-dirs", "DIRS", "CNI plugins, A:B:C"),
  CGROUP_ROOT("cgroup.root", "--cgroup-root", "PATH", "parent of pods whose request names none"),
  CGROUP_DRIVER("cgroup.driver", "--cgroup-driver", "D", "auto, cgroupfs or systemd"),
  CDI_SPEC_DIRS(
      "cdi.spec_dirs",
      "--cdi-spec-dirs",
      "DIRS",
      "folders of CDI spec files, A:B; a later one wins"),
  LOG_LEVEL("log.level", "--log-level", "L", "trace, debug, info, warning or error");

  private final String key;
  private final String flag;
  private final String placeholder;
  private final String help;

  Option(String key, String flag, String placeholder, String help) {
    this.key = key;
    this.flag = flag;
    this.placeholder = placeholder;
    this.help = help;
  }

  /** Dotted, {@code network.bridge}. */
  String key() {
    return key;
  }

  String flag() {
    return flag;
  }

  /** {@code --bridge NAME}. */
  String usage() {
    return flag + " " + placeholder;
  }

  String help() {
    return help;
  }

  static Optional<Option> ofKey(String key) {
    return Arrays.stream(values()).filter(option -> option.key.equals(key)).findFirst();
  }

  static Optional<Option> ofFlag(String flag) {
    return Arrays.stream(values()).filter(option -> option.flag.equals(flag)).findFirst();
  }

  /**
   * @throws ConfigException if the value is no good
   */
  DaemonConfig apply(DaemonConfig c, String value) {
    StorageConfig storage = c.storage();
    NetworkConfig network = c.network();
    return switch (this) {
      case ROOT -> with(c, new StorageConfig(path(value), storage.state()));
      case STATE -> with(c, new StorageConfig(storage.root(), path(value)));
      case SOCKET -> with(c, new ServerConfig(path(value)));
      case REGISTRY_CONFIG -> with(c, new ImageConfig(path(value)));
      case BRIDGE ->
          with(
              c,
              new NetworkConfig(
                  value, network.podCidr(), network.cniConfigurations(), network.cniPlugins()));
      case POD_CIDR ->
          with(
              c,
              new NetworkConfig(
                  network.bridge(), value, network.cniConfigurations(), network.cniPlugins()));
      case CNI_CONF_DIR ->
          with(
              c,
              new NetworkConfig(
                  network.bridge(), network.podCidr(), path(value), network.cniPlugins()));
      case CNI_BIN_DIRS ->
          with(
              c,
              new NetworkConfig(
                  network.bridge(), network.podCidr(), network.cniConfigurations(), paths(value)));
      case CGROUP_ROOT -> with(c, new CgroupConfig(value, c.cgroup().driver()));
      case CGROUP_DRIVER -> with(c, new CgroupConfig(c.cgroup().root(), DriverChoice.parse(value)));
      case CDI_SPEC_DIRS -> with(c, new CdiConfig(paths(value)));
      case LOG_LEVEL -> with(c, new LogConfig(level(value)));
    };
  }

  private static DaemonConfig with(DaemonConfig c, StorageConfig storage) {
    return new DaemonConfig(
        storage, c.server(), c.image(), c.network(), c.cgroup(), c.cdi(), c.log());
  }

  private static DaemonConfig with(DaemonConfig c, NetworkConfig network) {
    return new DaemonConfig(
        c.storage(), c.server(), c.image(), network, c.cgroup(), c.cdi(), c.log());
  }

  private static DaemonConfig with(DaemonConfig c, ServerConfig server) {
    return new DaemonConfig(
        c.storage(), server, c.image(), c.network(), c.cgroup(), c.cdi(), c.log());
  }

  private static DaemonConfig with(DaemonConfig c, ImageConfig image) {
    return new DaemonConfig(
        c.storage(), c.server(), image, c.network(), c.cgroup(), c.cdi(), c.log());
  }

  private static DaemonConfig with(DaemonConfig c, CgroupConfig cgroup) {
    return new DaemonConfig(
        c.storage(), c.server(), c.image(), c.network(), cgroup, c.cdi(), c.log());
  }

  private static DaemonConfig with(DaemonConfig c, CdiConfig cdi) {
    return new DaemonConfig(
        c.storage(), c.server(), c.image(), c.network(), c.cgroup(), cdi, c.log());
  }

  private static DaemonConfig with(DaemonConfig c, LogConfig log) {
    return new DaemonConfig(
        c.storage(), c.server(), c.image(), c.network(), c.cgroup(), c.cdi(), log);
  }

  private List<Path> paths(String value) {
    return Arrays.stream(value.split(":", -1)).map(this::path).toList();
  }

  private Path path(String value) {
    if (value.isEmpty()) {
      throw new ConfigException(flag.substring(2) + ": the path is empty");
    }
    try {
      return Path.of(value);
    } catch (InvalidPathException e) {
      throw new ConfigException(flag.substring(2) + ": " + e.getMessage());
    }
  }

  private static LogLevel level(String value) {
    return LogLevel.parse(value)
        .orElseThrow(
            () ->
                new ConfigException(
                    "log-level: \""
                        + value
                        + "\" is none of "
                        + Arrays.stream(LogLevel.values())
                            .map(LogLevel::word)
                            .collect(Collectors.joining(", "))));
  }

  /** The value in effect. */
  String valueIn(DaemonConfig c) {
    return switch (this) {
      case ROOT -> c.storage().root().toString();
      case STATE -> c.storage().state().toString();
      case SOCKET -> c.server().socket().toString();
      case REGISTRY_CONFIG -> c.image().registryConfig().toString();
      case BRIDGE -> c.network().bridge();
      case POD_CIDR -> c.network().podCidr();
      case CNI_CONF_DIR -> c.network().cniConfigurations().toString();
      case CNI_BIN_DIRS ->
          c.network().cniPlugins().stream().map(Path::toString).collect(Collectors.joining(":"));
      case CGROUP_ROOT -> c.cgroup().root();
      case CGROUP_DRIVER -> c.cgroup().driver().word();
      case CDI_SPEC_DIRS ->
          c.cdi().specDirs().stream().map(Path::toString).collect(Collectors.joining(":"));
      case LOG_LEVEL -> c.log().level().word();
    };
  }
}
