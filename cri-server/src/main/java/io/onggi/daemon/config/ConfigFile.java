package io.onggi.daemon.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.tomlj.Toml;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/** The configuration file's TOML, to a {@link DaemonConfig} and back. */
final class ConfigFile {
  private ConfigFile() {}

  /**
   * @param base what holds for keys that the file does not have
   * @throws ConfigException naming file, line and key
   */
  static DaemonConfig read(Path file, DaemonConfig base) {
    String content;
    try {
      content = Files.readString(file);
    } catch (IOException e) {
      throw new ConfigException(
          "configuration file "
              + file
              + " cannot be read: "
              + (Files.exists(file) ? e.getMessage() : "no such file"));
    }
    return parse(file, content, base);
  }

  static DaemonConfig parse(Path file, String content, DaemonConfig base) {
    TomlParseResult toml = Toml.parse(content);
    if (toml.hasErrors()) {
      TomlParseError first = toml.errors().getFirst();
      throw new ConfigException(at(file, first.position()) + first.getMessage());
    }
    DaemonConfig config = base;
    for (List<String> path : inFileOrder(toml)) {
      config = apply(file, toml, path, config);
    }
    return config;
  }

  /** tomlj sorts by name; the first mistake to tell of is the first in the file. */
  private static List<List<String>> inFileOrder(TomlTable toml) {
    return toml.keyPathSet(true).stream()
        .filter(path -> !(toml.get(path) instanceof TomlTable table) || isStray(path, table))
        .sorted(
            Comparator.<List<String>>comparingInt(path -> position(toml, path).line())
                .thenComparingInt(path -> position(toml, path).column()))
        .toList();
  }

  /** A table with keys is judged by its keys; an empty one by its name. */
  private static boolean isStray(List<String> path, TomlTable table) {
    String area = String.join(".", path) + ".";
    return table.isEmpty()
        && Arrays.stream(Option.values()).noneMatch(option -> option.key().startsWith(area));
  }

  private static TomlPosition position(TomlTable toml, List<String> path) {
    return Optional.ofNullable(toml.inputPositionOf(path))
        .orElseGet(() -> TomlPosition.positionAt(1, 1));
  }

  private static DaemonConfig apply(
      Path file, TomlTable toml, List<String> path, DaemonConfig config) {
    String key = String.join(".", path);
    String where = at(file, position(toml, path));
    Option option = Option.ofKey(key).orElseThrow(() -> new ConfigException(where + unknown(key)));
    if (!(toml.get(path) instanceof String value)) {
      throw new ConfigException(where + key + " must be a string in quotes");
    }
    try {
      return option.apply(config, value);
    } catch (ConfigException e) {
      throw new ConfigException(where + e.getMessage());
    }
  }

  private static String unknown(String key) {
    List<String> keys = Arrays.stream(Option.values()).map(Option::key).toList();
    return "unknown key \""
        + key
        + "\""
        + Nearest.to(key, keys)
            .map(near -> "; did you mean \"" + near + "\"?")
            .orElse("; known are " + String.join(", ", keys));
  }

  private static String at(Path file, TomlPosition position) {
    return file + ":" + position.line() + ": ";
  }

  /** TOML that reads back to the same configuration. */
  static String print(DaemonConfig config) {
    StringBuilder out = new StringBuilder();
    String area = "";
    for (Option option : Option.values()) {
      int dot = option.key().indexOf('.');
      if (dot > 0 && !option.key().substring(0, dot).equals(area)) {
        area = option.key().substring(0, dot);
        out.append("\n[").append(area).append("]\n");
      }
      out.append(option.key().substring(dot + 1))
          .append(" = \"")
          .append(Toml.tomlEscape(option.valueIn(config)))
          .append("\"\n");
    }
    return out.toString();
  }
}
