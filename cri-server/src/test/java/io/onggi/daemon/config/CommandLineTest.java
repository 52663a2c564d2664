package io.onggi.daemon.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.daemon.config.DaemonConfig.CdiConfig;
import io.onggi.daemon.config.DaemonConfig.CgroupConfig;
import io.onggi.daemon.config.DaemonConfig.ImageConfig;
import io.onggi.daemon.config.DaemonConfig.LogConfig;
import io.onggi.daemon.config.DaemonConfig.NetworkConfig;
import io.onggi.daemon.config.DaemonConfig.ServerConfig;
import io.onggi.daemon.config.DaemonConfig.StorageConfig;
import io.onggi.log.LogLevel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandLineTest {
  private static final DaemonConfig OTHER =
      new DaemonConfig(
          new StorageConfig(Path.of("/data/o"), Path.of("/run/o")),
          new ServerConfig(Path.of("/run/o/cri.sock")),
          new ImageConfig(Path.of("/data/certs")),
          new NetworkConfig(
              "br-pods",
              "192.168.64.0/18",
              Path.of("/srv/cni/conf"),
              List.of(Path.of("/srv/cni/bin"), Path.of("/opt/more"))),
          new CgroupConfig("/pods/onggi", DriverChoice.SYSTEMD),
          new CdiConfig(List.of(Path.of("/etc/cdi"), Path.of("/run/o/cdi"))),
          new LogConfig(LogLevel.DEBUG));
  private static final String OTHER_TOML =
      """
      root = "/data/o"
      state = "/run/o"
      socket = "/run/o/cri.sock"

      [image]
      registry_config = "/data/certs"

      [network]
      bridge = "br-pods"
      pod_cidr = "192.168.64.0/18"
      cni_conf_dir = "/srv/cni/conf"
      cni_bin_dirs = "/srv/cni/bin:/opt/more"

      [cgroup]
      root = "/pods/onggi"
      driver = "systemd"

      [cdi]
      spec_dirs = "/etc/cdi:/run/o/cdi"

      [log]
      level = "debug"
      """;

  @TempDir Path directory;

  private Path file(String content) throws IOException {
    return Files.writeString(directory.resolve("config.toml"), content);
  }

  private Command parse(String... arguments) {
    return CommandLine.parse(List.of(arguments), "0.1.0", directory.resolve("none.toml"));
  }

  private DaemonConfig config(String... arguments) {
    return assertInstanceOf(Command.Serve.class, parse(arguments)).config();
  }

  private String refused(String... arguments) {
    ConfigException e = assertThrows(ConfigException.class, () -> parse(arguments));
    return String.valueOf(e.getMessage());
  }

  @Test
  void withoutFileAndFlagsTheDefaultsHold() {
    DaemonConfig defaults =
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
    assertEquals(defaults, config());
  }

  @Test
  void theFileThatIsDeployedSaysEveryKeyAndEqualsTheDefaults() throws IOException {
    Path deployed = Path.of("..", "deploy", "config.toml");
    // read over other values, so that a missing key would show
    assertEquals(DaemonConfig.DEFAULTS, ConfigFile.read(deployed, OTHER));
    String text = Files.readString(deployed);
    for (Option option : Option.values()) {
      assertTrue(text.contains("Flag " + option.flag() + "."), option.flag());
    }
  }

  @Test
  void everyKeyOfTheFileAndEveryFlagReachesItsPlace() throws IOException {
    assertEquals(OTHER, config("--config", file(OTHER_TOML).toString()));
    List<String> flags =
        Arrays.stream(Option.values())
            .map(option -> option.flag() + "=" + option.valueIn(OTHER))
            .toList();
    assertEquals(OTHER, config(flags.toArray(String[]::new)));
    for (Option option : Option.values()) {
      assertTrue(!option.valueIn(OTHER).equals(option.valueIn(DaemonConfig.DEFAULTS)));
    }
  }

  @Test
  void aFlagOverridesTheFileAndTheDefaultFileIsReadIfThere() throws IOException {
    Path file = file(OTHER_TOML);
    DaemonConfig config = config("--config", file.toString(), "--bridge", "br1");
    assertEquals("br1", config.network().bridge());
    assertEquals("192.168.64.0/18", config.network().podCidr());
    assertEquals(new Command.Serve(OTHER), CommandLine.parse(List.of(), "0.1.0", file));
    String missing = directory.resolve("none.toml").toString();
    assertEquals(
        "configuration file " + missing + " cannot be read: no such file",
        refused("--config", missing));
  }

  @Test
  void thePrintedConfigurationIsTheOneInEffectAndReadsBack() throws IOException {
    Path file = file(OTHER_TOML);
    assertEquals(
        new Command.Print(OTHER_TOML), parse("--print-config", "--config", file.toString()));
  }

  @Test
  void versionAndHelpAreText() {
    assertEquals(new Command.Print("onggid 0.1.0\n"), parse("--version"));
    String help = assertInstanceOf(Command.Print.class, parse("--help")).text();
    String flags =
        Arrays.stream(Option.values()).map(Option::usage).collect(Collectors.joining(" "));
    for (String flag : flags.split(" (?=--)")) {
      assertTrue(help.contains("  " + flag + " "), flag);
    }
    assertTrue(
        help.contains(
            "--bridge NAME            the built-in bridge's link name (default" + " onggi0)"),
        help);
  }

  @Test
  void anUnknownKeyIsNamedWithFileLineAndTheNearestKnownOne() throws IOException {
    Path file = file("root = \"/r\"\n\n[network]\nbrigde = \"x\"\n");
    assertEquals(
        file + ":4: unknown key \"network.brigde\"; did you mean \"network.bridge\"?",
        refused("--config", file.toString()));
    file("[netwrk]\nbridge = \"x\"\n");
    assertEquals(
        file + ":2: unknown key \"netwrk.bridge\"; did you mean \"network.bridge\"?",
        refused("--config", file.toString()));
    file("x = 1\n");
    assertTrue(
        refused("--config", file.toString())
            .startsWith(file + ":1: unknown key \"x\"; known are root, state,"));
    file("[telemetry]\n");
    assertTrue(refused("--config", file.toString()).contains(":1: unknown key \"telemetry\""));
  }

  @Test
  void wrongTypesAndBrokenTomlAreSaidWithTheirLine() throws IOException {
    Path file = file("[network]\n\nbridge = 7\n");
    assertEquals(
        file + ":3: network.bridge must be a string in quotes",
        refused("--config", file.toString()));
    file("network = \"x\"\n");
    assertTrue(
        refused("--config", file.toString()).startsWith(file + ":1: unknown key \"network\";"));
    file("root = \"/a\"\nstate = \n");
    assertTrue(
        refused("--config", file.toString()).startsWith(file + ":2: "),
        refused("--config", file.toString()));
  }

  @Test
  void badValuesAreRefusedWithAPlainMessage() throws IOException {
    assertEquals(
        "--root: \"var/lib\" is a relative path; write it from / on", refused("--root", "var/lib"));
    assertEquals("--socket: the path is empty", refused("--socket="));
    String longState = "/run/" + "x".repeat(56);
    assertEquals(
        "--state: "
            + longState
            + " is 61 bytes long; at most 60, because the sockets below it must"
            + " fit in the kernel's 107 bytes",
        refused("--state", longState));
    assertTrue(refused("--socket", "/" + "x".repeat(107)).contains("ends at 107"));
    assertEquals(
        "--bridge: \"a-much-too-long-name\" is longer than 15 characters, the kernel's limit for a"
            + " link",
        refused("--bridge", "a-much-too-long-name"));
    assertTrue(refused("--bridge", "a b").contains("is not a link name"));
    assertEquals(
        "--pod-cidr: \"10.0.0.0\" is not an IPv4 network such as 10.210.0.0/16",
        refused("--pod-cidr", "10.0.0.0"));
    assertEquals(
        "--pod-cidr: \"10.1.2.3/16\" has bits set behind its prefix; the network is 10.1.0.0/16",
        refused("--pod-cidr", "10.1.2.3/16"));
    assertTrue(refused("--pod-cidr", "10.300.0.0/16").contains("has 300, more than 255"));
    assertTrue(refused("--pod-cidr", "10.0.0.0/30").contains("between /8 and /29"));
    assertTrue(refused("--cgroup-root", "a.slice").contains("is a systemd slice"));
    assertTrue(refused("--cgroup-driver", "runc").endsWith("is none of auto, cgroupfs, systemd"));
    assertTrue(refused("--cgroup-root", "/a/").endsWith("is not written plainly; write /a"));
    assertEquals(
        "--log-level: \"loud\" is none of trace, debug, info, warning, error",
        refused("--log-level", "loud"));
    Path file = file("\nstate = \"run\"\n");
    assertEquals(
        file + ":2: state: \"run\" is a relative path; write it from / on",
        refused("--config", file.toString()));
  }

  @Test
  void unknownFlagsAndMissingValuesAreSaid() {
    assertEquals("unknown flag --bridg; did you mean --bridge?", refused("--bridg=x"));
    assertEquals("--bridge needs a value", refused("--bridge"));
    assertEquals("onggid takes no argument \"serve\"; see onggid --help", refused("serve"));
    assertEquals("unknown flag -z; see onggid --help", refused("-z"));
  }
}
