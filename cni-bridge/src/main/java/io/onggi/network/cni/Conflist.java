package io.onggi.network.cni;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One network: its plugins in the order of ADD (CNI spec section 1).
 *
 * @param source the file, for messages
 * @param disableGc garbage is left to another runtime that shares the plugins' state
 */
record Conflist(
    String source,
    String name,
    CniVersion version,
    boolean disableCheck,
    boolean disableGc,
    List<PluginConfig> plugins) {
  Conflist {
    plugins = List.copyOf(plugins);
  }

  /** The form that is kept with an attachment, so that DEL has what ADD had. */
  JsonObject json() {
    JsonObject json = new JsonObject();
    json.addProperty("name", name);
    json.addProperty("cniVersion", version.toString());
    json.addProperty("disableCheck", disableCheck);
    json.addProperty("disableGC", disableGc);
    JsonArray list = new JsonArray();
    plugins.forEach(plugin -> list.add(plugin.json()));
    json.add("plugins", list);
    return json;
  }

  /** "bridge, portmap". */
  String types() {
    return plugins.stream().map(PluginConfig::type).collect(Collectors.joining(", "));
  }
}
