package io.onggi.network.cni;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One plugin of a network.
 *
 * @param type the program's file name
 * @param json its configuration as it was written; not to be changed
 */
record PluginConfig(String type, JsonObject json) {

  /** The capabilities that it asks for: those with the value true. */
  Set<String> capabilities() {
    return json.get("capabilities") instanceof JsonObject wanted
        ? wanted.entrySet().stream()
            .filter(e -> isTrue(e.getValue()))
            .map(Map.Entry::getKey)
            .collect(Collectors.toUnmodifiableSet())
        : Set.of();
  }

  private static boolean isTrue(JsonElement value) {
    return value.isJsonPrimitive()
        && value.getAsJsonPrimitive().isBoolean()
        && value.getAsBoolean();
  }
}
