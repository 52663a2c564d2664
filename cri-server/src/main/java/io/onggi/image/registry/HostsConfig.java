package io.onggi.image.registry;

import io.onggi.error.CriException;
import io.onggi.image.registry.Endpoint.Capability;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/**
 * Which servers answer for a registry: {@code DIR/HOST/hosts.toml}, else {@code
 * DIR/_default/hosts.toml}, in containerd's format (its docs/hosts.md): mirrors in the file's
 * order, then {@code server}. Without a file: the registry itself by https, or, on loopback, by
 * http and then https. Read at each pull, so that a change needs no restart.
 */
final class HostsConfig {
  private static final Set<Capability> ALL = EnumSet.allOf(Capability.class);

  private final Path directory;

  HostsConfig(Path directory) {
    this.directory = directory;
  }

  /**
   * The endpoints to ask, in order.
   *
   * @throws CriException.FailedPrecondition naming the file and the place that is wrong
   */
  List<Endpoint> endpoints(String registry) {
    for (String folder : folders(registry)) {
      Path file = directory.resolve(folder).resolve("hosts.toml");
      if (Files.isRegularFile(file)) {
        return read(file, registry);
      }
    }
    return usual(registry);
  }

  /** containerd names a host's folder {@code HOST_PORT_} or {@code HOST:PORT}. */
  private static List<String> folders(String registry) {
    int colon = registry.lastIndexOf(':');
    List<String> result = new ArrayList<>();
    if (colon > 0 && !registry.endsWith("]")) {
      result.add(registry.substring(0, colon) + "_" + registry.substring(colon + 1) + "_");
    }
    result.add(registry);
    result.add("_default");
    return result;
  }

  private static List<Endpoint> usual(String registry) {
    if (isLoopback(registry)) {
      return List.of(
          upstream(URI.create("http://" + registry + "/v2")),
          upstream(URI.create("https://" + registry + "/v2")));
    }
    return List.of(upstream(URI.create("https://" + serverName(registry) + "/v2")));
  }

  /** Docker Hub's API has another host than its name. */
  private static String serverName(String registry) {
    return registry.equals("docker.io") ? "registry-1.docker.io" : registry;
  }

  static boolean isLoopback(String registry) {
    int colon = registry.lastIndexOf(':');
    String host = colon > 0 && !registry.endsWith("]") ? registry.substring(0, colon) : registry;
    return host.equals("localhost")
        || host.equals("[::1]")
        || host.matches("127(?:\\.[0-9]{1,3}){3}");
  }

  private static Endpoint upstream(URI base) {
    return new Endpoint(base, true, ALL, Endpoint.Tls.USUAL, Map.of(), Optional.empty());
  }

  private static List<Endpoint> read(Path file, String registry) {
    TomlParseResult toml;
    try {
      toml = Toml.parse(file);
    } catch (IOException e) {
      throw new CriException.Internal("read " + file + ": " + e.getMessage(), e);
    }
    if (toml.hasErrors()) {
      throw wrong(file, toml.errors().getFirst().toString());
    }
    List<Endpoint> result = new ArrayList<>();
    try {
      TomlTable hosts = toml.getTable("host");
      if (hosts != null) {
        for (String address : inFileOrder(hosts)) {
          TomlTable host = hosts.getTable(List.of(address));
          result.add(
              endpoint(file, registry, address, host == null ? Toml.parse("") : host, false));
        }
      }
      String server = toml.getString("server");
      if (server != null) {
        result.add(endpoint(file, registry, server, toml, true));
      } else {
        result.addAll(usual(registry));
      }
    } catch (org.tomlj.TomlInvalidTypeException | IllegalArgumentException e) {
      throw wrong(file, String.valueOf(e.getMessage()));
    }
    return result;
  }

  private static List<String> inFileOrder(TomlTable hosts) {
    return hosts.keySet().stream()
        .sorted(
            Comparator.comparingInt(
                key -> {
                  var position = hosts.inputPositionOf(List.of(key));
                  return position == null ? 0 : position.line();
                }))
        .toList();
  }

  private static Endpoint endpoint(
      Path file, String registry, String address, TomlTable table, boolean isServer) {
    URI given = URI.create(address.contains("://") ? address : "https://" + address);
    if (given.getHost() == null || !Set.of("http", "https").contains(given.getScheme())) {
      throw wrong(file, "\"" + address + "\" is no http or https address");
    }
    String path = given.getPath().replaceAll("/+$", "");
    if (!Boolean.TRUE.equals(table.getBoolean("override_path")) && !path.endsWith("/v2")) {
      path = path + "/v2";
    }
    URI base = URI.create(given.getScheme() + "://" + given.getRawAuthority() + path);
    boolean upstream = isServer || base.getRawAuthority().equals(serverName(registry));
    return new Endpoint(
        base,
        upstream,
        capabilities(file, table),
        tls(file, table),
        headers(table),
        upstream ? Optional.empty() : Optional.of(registry));
  }

  private static Set<Capability> capabilities(Path file, TomlTable table) {
    TomlArray given = table.getArray("capabilities");
    if (given == null) {
      return ALL;
    }
    Set<Capability> result = EnumSet.noneOf(Capability.class);
    for (int i = 0; i < given.size(); i++) {
      switch (given.getString(i)) {
        case "pull" -> result.add(Capability.PULL);
        case "resolve" -> result.add(Capability.RESOLVE);
        case "push" -> {
          continue; // this runtime never pushes
        }
        default -> throw wrong(file, "capability \"" + given.getString(i) + "\" is unknown");
      }
    }
    return result;
  }

  private static Endpoint.Tls tls(Path file, TomlTable table) {
    List<Endpoint.Client> clients = new ArrayList<>();
    Object given = table.get("client");
    if (given instanceof TomlArray array) {
      for (int i = 0; i < array.size(); i++) {
        clients.add(client(file, array.get(i)));
      }
    } else if (given != null) {
      clients.add(client(file, given));
    }
    return new Endpoint.Tls(
        Boolean.TRUE.equals(table.getBoolean("skip_verify")),
        strings(table.get("ca")).stream().map(file::resolveSibling).toList(),
        clients);
  }

  private static Endpoint.Client client(Path file, Object given) {
    List<String> paths = strings(given);
    if (paths.isEmpty() || paths.size() > 2) {
      throw wrong(file, "client is a certificate file or a pair [certificate, key]");
    }
    return new Endpoint.Client(
        file.resolveSibling(paths.getFirst()), file.resolveSibling(paths.getLast()));
  }

  private static Map<String, List<String>> headers(TomlTable table) {
    Map<String, List<String>> result = new LinkedHashMap<>();
    TomlTable given = table.getTable("header");
    if (given != null) {
      for (String name : given.keySet()) {
        result.put(name, strings(given.get(List.of(name))));
      }
    }
    return result;
  }

  /** A string, or a list of strings. */
  private static List<String> strings(@Nullable Object given) {
    if (given instanceof String one) {
      return List.of(one);
    }
    List<String> result = new ArrayList<>();
    if (given instanceof TomlArray array) {
      for (int i = 0; i < array.size(); i++) {
        result.add(array.getString(i));
      }
    }
    return result;
  }

  private static CriException wrong(Path file, String what) {
    return new CriException.FailedPrecondition("registry configuration " + file + ": " + what);
  }
}
