package io.onggi.e2e.contract;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;

/** Reads the JSON of verbose answers. */
final class Json {
  private Json() {}

  /** The member of the outermost object; 0 when it is not there. */
  static int number(String json, String member) {
    JsonElement found = JsonParser.parseString(json).getAsJsonObject().get(member);
    return found == null ? 0 : found.getAsInt();
  }

  /** The number at the end of a path of members, all of which must be there. */
  static long numberAt(String json, String... path) {
    JsonElement at = JsonParser.parseString(json);
    for (String member : path) {
      at = at.getAsJsonObject().get(member);
    }
    return at.getAsLong();
  }

  static boolean isObject(String json) {
    return JsonParser.parseString(json).isJsonObject();
  }
}
