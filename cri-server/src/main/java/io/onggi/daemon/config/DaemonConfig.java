package io.onggi.daemon.config;

import io.onggi.log.LogLevel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * Everything the daemon is told. Each record refuses values that it could not work with.
 *
 * @param storage directories
 * @param server the CRI socket
 * @param image registries
 * @param network pods' network
 * @param cgroup pods' cgroups
 * @param cdi the node's devices
 * @param log its own log
 */
public record DaemonConfig(
    StorageConfig storage,
    ServerConfig server,
    ImageConfig image,
    NetworkConfig network,
    CgroupConfig cgroup,
    CdiConfig cdi,
    LogConfig log) {

  /** What holds where neither file nor flag says anything; deploy/config.toml says the same. */
  public static final DaemonConfig DEFAULTS =
      new DaemonConfig(
          new StorageConfig(Path.of("/var/lib/onggi"), Path.of("/run/onggi")),
          new ServerConfig(Path.of("/run/onggi/onggi.sock")),
          new ImageConfig(Path.of("/etc/onggi/certs.d")),
          new NetworkConfig(
              "onggi0",
              "10.210.0.0/16",
              Path.of("/etc/cni/net.d"),
              List.of(Path.of("/opt/cni/bin"), Path.of("/usr/lib/cni"))),
          new CgroupConfig("/onggi", DriverChoice.AUTO),
          new CdiConfig(List.of(Path.of("/etc/cdi"), Path.of("/var/run/cdi"))),
          new LogConfig(LogLevel.INFO));

  /**
   * @param root images, layers, the journal; kept over a boot
   * @param state sockets, pinned namespaces, exit records; may be gone after a boot
   */
  public record StorageConfig(Path root, Path state) {
    /** A shim's socket is STATE/NAME with ids in NAME, and a socket's path ends at 107 bytes. */
    static final int MAX_STATE = 60;

    public StorageConfig {
      root = absolute("root", root);
      state = absolute("state", state);
      int length = bytes(state);
      if (length > MAX_STATE) {
        throw new ConfigException(
            "state: "
                + state
                + " is "
                + length
                + " bytes long; at most "
                + MAX_STATE
                + ", because the sockets below it must fit in the kernel's 107 bytes");
      }
    }
  }

  /**
   * @param socket the CRI socket
   */
  public record ServerConfig(Path socket) {
    /** sun_path of man 7 unix holds 108 bytes with its final zero. */
    static final int MAX_SOCKET = 107;

    public ServerConfig {
      socket = absolute("socket", socket);
      int length = bytes(socket);
      if (length > MAX_SOCKET) {
        throw new ConfigException(
            "socket: "
                + socket
                + " is "
                + length
                + " bytes long; a unix socket's path ends at "
                + MAX_SOCKET);
      }
    }
  }

  /**
   * @param registryConfig directory of HOST/hosts.toml
   */
  public record ImageConfig(Path registryConfig) {
    public ImageConfig {
      registryConfig = absolute("registry-config", registryConfig);
    }
  }

  /**
   * @param bridge link name of the built-in bridge
   * @param podCidr IPv4 network that its pods get their addresses from
   * @param cniConfigurations directory of conflists; the built-in bridge is used while it has none
   * @param cniPlugins folders of plugins' programs, the first hit counts
   */
  public record NetworkConfig(
      String bridge, String podCidr, Path cniConfigurations, List<Path> cniPlugins) {
    public NetworkConfig {
      cniConfigurations = absolute("cni-conf-dir", cniConfigurations);
      if (cniPlugins.isEmpty()) {
        throw new ConfigException("cni-bin-dirs: no folder is given; write /opt/cni/bin");
      }
      cniPlugins = cniPlugins.stream().map(p -> absolute("cni-bin-dirs", p)).toList();
      Checks.linkName("bridge", bridge);
      Checks.ipv4Network("pod-cidr", podCidr);
    }
  }

  /**
   * @param root parent for pods whose request names none; a path for either driver
   */
  public record CgroupConfig(String root, DriverChoice driver) {
    public CgroupConfig {
      Checks.cgroup("cgroup-root", root);
    }
  }

  /**
   * @param specDirs folders of CDI spec files; a later one wins over an earlier one
   */
  public record CdiConfig(List<Path> specDirs) {
    public CdiConfig {
      if (specDirs.isEmpty()) {
        throw new ConfigException("cdi-spec-dirs: no folder is named");
      }
      specDirs = specDirs.stream().map(dir -> absolute("cdi-spec-dirs", dir)).toList();
    }
  }

  /**
   * @param level the least that is written
   */
  public record LogConfig(LogLevel level) {}

  private static Path absolute(String key, Path path) {
    if (!path.isAbsolute()) {
      throw new ConfigException(key + ": \"" + path + "\" is a relative path; write it from / on");
    }
    return path.normalize();
  }

  private static int bytes(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8).length;
  }
}
