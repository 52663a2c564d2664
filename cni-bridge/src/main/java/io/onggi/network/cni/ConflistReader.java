package io.onggi.network.cni;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads a network configuration: a list of plugins (.conflist), or one plugin on its own (.conf,
 * .json), which is a list of one. CNI spec 1.1.0 section 1.
 */
final class ConflistReader {
  /** What the spec allows a network to be called. */
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*");

  /** The type is a file's name, never a path: a configuration must not choose any program. */
  private static final Pattern TYPE = Pattern.compile("[^/\\s\\x00]+");

  private final LocatedJson document;
  private final String source;

  private ConflistReader(String source, LocatedJson document) {
    this.source = source;
    this.document = document;
  }

  /**
   * @param source the file, for messages
   * @throws ConflistException naming file, line and key
   */
  static Conflist read(String source, String text) {
    LocatedJson document = LocatedJson.parse(source, text);
    if (!(document.root() instanceof JsonObject object)) {
      throw new ConflistException(source + ": not a JSON object");
    }
    return new ConflistReader(source, document).conflist(object);
  }

  private Conflist conflist(JsonObject object) {
    String name = string(object, "$", "name").orElseThrow(() -> missing("name"));
    if (!NAME.matcher(name).matches()) {
      throw document.wrong("$.name", "\"" + name + "\" is no network name; use letters and digits");
    }
    boolean list = object.has("plugins") || !object.has("type");
    return new Conflist(
        source,
        name,
        version(object),
        flag(object, "disableCheck"),
        flag(object, "disableGC"),
        list ? plugins(object) : List.of(plugin(object, "$")));
  }

  /** The newest version that the list offers and that is spoken here. */
  private CniVersion version(JsonObject object) {
    List<String> offered = new ArrayList<>();
    string(object, "$", "cniVersion").ifPresent(offered::add);
    if (object.has("cniVersions")) {
      JsonArray several = array(object, "cniVersions");
      for (int i = 0; i < several.size(); i++) {
        offered.add(asString("$.cniVersions[" + i + "]", several.get(i)));
      }
    }
    if (offered.isEmpty()) {
      throw missing("cniVersion");
    }
    return offered.stream()
        .map(CniVersion::of)
        .flatMap(Optional::stream)
        .max(Comparator.naturalOrder())
        .orElseThrow(
            () ->
                document.wrong(
                    "$.cniVersion",
                    String.join(", ", offered)
                        + " is not spoken here; use one of "
                        + String.join(", ", CniVersion.all())));
  }

  private List<PluginConfig> plugins(JsonObject object) {
    if (!object.has("plugins")) {
      throw missing("plugins");
    }
    JsonArray array = array(object, "plugins");
    if (array.isEmpty()) {
      throw document.wrong("$.plugins", "the list is empty; a network has at least one plugin");
    }
    List<PluginConfig> plugins = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      String path = "$.plugins[" + i + "]";
      if (!(array.get(i) instanceof JsonObject plugin)) {
        throw document.wrong(path, "is not an object");
      }
      plugins.add(plugin(plugin, path));
    }
    return plugins;
  }

  private PluginConfig plugin(JsonObject object, String path) {
    String type = type(object, path);
    checkCapabilities(object, path);
    if (object.has("ipam")) {
      if (!(object.get("ipam") instanceof JsonObject ipam)) {
        throw document.wrong(path + ".ipam", "is not an object");
      }
      // Without a type there is no delegate: such plugins take addresses from elsewhere.
      if (ipam.has("type")) {
        String _ = type(ipam, path + ".ipam");
      }
    }
    return new PluginConfig(type, object);
  }

  private String type(JsonObject object, String path) {
    String type =
        string(object, path, "type")
            .orElseThrow(() -> document.wrong(path, "has no \"type\", the plugin's program"));
    if (!TYPE.matcher(type).matches()) {
      throw document.wrong(path + ".type", "\"" + type + "\" is not the file name of a program");
    }
    return type;
  }

  private void checkCapabilities(JsonObject object, String path) {
    if (!object.has("capabilities")) {
      return;
    }
    String key = path + ".capabilities";
    if (!(object.get("capabilities") instanceof JsonObject capabilities)) {
      throw document.wrong(key, "is not an object of true and false");
    }
    capabilities
        .entrySet()
        .forEach(
            entry -> {
              if (!isBoolean(entry.getValue())) {
                throw document.wrong(key + "." + entry.getKey(), "is neither true nor false");
              }
            });
  }

  private Optional<String> string(JsonObject object, String path, String key) {
    return object.has(key)
        ? Optional.of(asString(path + "." + key, object.get(key)))
        : Optional.empty();
  }

  private String asString(String path, JsonElement value) {
    if (value instanceof JsonPrimitive primitive && primitive.isString()) {
      return primitive.getAsString();
    }
    throw document.wrong(path, "is not a string");
  }

  private JsonArray array(JsonObject object, String key) {
    if (object.get(key) instanceof JsonArray array) {
      return array;
    }
    throw document.wrong("$." + key, "is not a list");
  }

  /** True and false, or the strings that libcni takes for them. */
  private boolean flag(JsonObject object, String key) {
    JsonElement value = object.get(key);
    if (value == null) {
      return false;
    }
    if (isBoolean(value)) {
      return value.getAsBoolean();
    }
    if (value instanceof JsonPrimitive text && text.isString()) {
      switch (text.getAsString()) {
        case "true" -> {
          return true;
        }
        case "false" -> {
          return false;
        }
        default -> {
          // refused below
        }
      }
    }
    throw document.wrong("$." + key, "is neither true nor false");
  }

  private static boolean isBoolean(JsonElement value) {
    return value instanceof JsonPrimitive primitive && primitive.isBoolean();
  }

  private ConflistException missing(String key) {
    return new ConflistException(source + ": has no \"" + key + "\"");
  }
}
