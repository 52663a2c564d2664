package io.onggi.daemon.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** onggid's flags: {@code --flag VALUE} or {@code --flag=VALUE}; each overrides the file. */
public final class CommandLine {
  private static final Path DEFAULT_FILE = Path.of("/etc/onggi/config.toml");

  private final Map<Option, String> values = new EnumMap<>(Option.class);
  private Optional<Path> file = Optional.empty();
  private boolean help;
  private boolean version;
  private boolean print;

  private CommandLine() {}

  /**
   * @param version what {@code --version} prints
   * @throws ConfigException with a message for the person at the terminal
   */
  public static Command parse(List<String> arguments, String version) {
    return parse(arguments, version, DEFAULT_FILE);
  }

  /**
   * @param defaultFile read if it is there and no {@code --config} is given
   */
  static Command parse(List<String> arguments, String version, Path defaultFile) {
    CommandLine line = new CommandLine();
    Iterator<String> rest = arguments.iterator();
    while (rest.hasNext()) {
      line.take(rest.next(), rest);
    }
    if (line.help) {
      return new Command.Print(help());
    }
    if (line.version) {
      return new Command.Print("onggid " + version + "\n");
    }
    DaemonConfig config = line.effective(defaultFile);
    return line.print ? new Command.Print(ConfigFile.print(config)) : new Command.Serve(config);
  }

  private void take(String argument, Iterator<String> rest) {
    int equals = argument.startsWith("--") ? argument.indexOf('=') : -1;
    String flag = equals < 0 ? argument : argument.substring(0, equals);
    switch (flag) {
      case "--help", "-h" -> help = true;
      case "--version" -> version = true;
      case "--print-config" -> print = true;
      case "--config" -> file = Optional.of(Path.of(value(argument, equals, rest)));
      default -> {
        Option option =
            Option.ofFlag(flag).orElseThrow(() -> new ConfigException(unknown(argument, flag)));
        values.put(option, value(argument, equals, rest));
      }
    }
  }

  private static String value(String argument, int equals, Iterator<String> rest) {
    if (equals >= 0) {
      return argument.substring(equals + 1);
    }
    if (!rest.hasNext()) {
      throw new ConfigException(argument + " needs a value");
    }
    return rest.next();
  }

  private static String unknown(String argument, String flag) {
    if (!argument.startsWith("-")) {
      return "onggid takes no argument \"" + argument + "\"; see onggid --help";
    }
    List<String> flags =
        new ArrayList<>(List.of("--config", "--print-config", "--version", "--help"));
    Arrays.stream(Option.values()).map(Option::flag).forEach(flags::add);
    return "unknown flag "
        + flag
        + Nearest.to(flag, flags)
            .map(near -> "; did you mean " + near + "?")
            .orElse("; see onggid --help");
  }

  private DaemonConfig effective(Path defaultFile) {
    DaemonConfig config = DaemonConfig.DEFAULTS;
    if (file.isPresent()) {
      config = ConfigFile.read(file.get(), config);
    } else if (Files.exists(defaultFile)) {
      config = ConfigFile.read(defaultFile, config);
    }
    for (Map.Entry<Option, String> entry : values.entrySet()) {
      config = fromFlag(entry.getKey(), entry.getValue(), config);
    }
    return config;
  }

  private static DaemonConfig fromFlag(Option option, String value, DaemonConfig config) {
    try {
      return option.apply(config, value);
    } catch (ConfigException e) {
      throw new ConfigException("--" + e.getMessage());
    }
  }

  private static String help() {
    StringBuilder out = new StringBuilder();
    out.append("onggid: a Kubernetes container runtime (CRI)\n\nUsage: onggid [FLAG]...\n\n");
    row(out, "--config FILE", "settings; flags override it (default " + DEFAULT_FILE + ")");
    for (Option option : Option.values()) {
      String byDefault = option.valueIn(DaemonConfig.DEFAULTS);
      row(out, option.usage(), option.help() + " (default " + byDefault + ")");
    }
    row(out, "--print-config", "print the settings in effect as TOML and leave");
    row(out, "--version", "print the version and leave");
    row(out, "--help", "print this and leave");
    return out.toString();
  }

  private static void row(StringBuilder out, String flag, String text) {
    out.append(String.format("  %-24s %s%n", flag, text));
  }
}
