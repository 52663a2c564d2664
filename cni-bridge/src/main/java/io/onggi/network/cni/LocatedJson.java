package io.onggi.network.cni;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A JSON document that knows on which line each of its values stands, so that a wrong key can be
 * named by file and line.
 */
final class LocatedJson {
  /** Deeper nesting than any configuration has; protects the stack. */
  private static final int MAX_DEPTH = 64;

  private static final Pattern LINE = Pattern.compile("at line (\\d+) column");

  private final String source;
  private final JsonElement root;
  private final Map<String, Integer> lines;

  private LocatedJson(String source, JsonElement root, Map<String, Integer> lines) {
    this.source = source;
    this.root = root;
    this.lines = lines;
  }

  /**
   * @param source the file, for messages
   * @throws ConflistException when {@code text} is no JSON, or a key is there twice
   */
  static LocatedJson parse(String source, String text) {
    Map<String, Integer> lines = new HashMap<>();
    try (JsonReader reader = new JsonReader(new StringReader(text))) {
      reader.setStrictness(Strictness.STRICT);
      JsonElement root = value(source, reader, lines, 0);
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new ConflistException(source + ":" + line(reader) + ": text after the document");
      }
      return new LocatedJson(source, root, lines);
    } catch (IOException | IllegalStateException | NumberFormatException e) {
      String message = String.valueOf(e.getMessage());
      Matcher at = LINE.matcher(message);
      String where = at.find() ? source + ":" + at.group(1) : source;
      String words = message.lines().findFirst().orElse("");
      throw new ConflistException(where + ": not JSON: " + words);
    }
  }

  JsonElement root() {
    return root;
  }

  /** "FILE:LINE" of the value at a path such as {@code $.plugins[0].type}, or of the document. */
  String at(String path) {
    Integer line = lines.get(path);
    return line == null ? source : source + ":" + line;
  }

  ConflistException wrong(String path, String what) {
    String key = path.startsWith("$.") ? path.substring(2) : path;
    return new ConflistException(at(path) + ": " + key + ": " + what);
  }

  private static JsonElement value(
      String source, JsonReader reader, Map<String, Integer> lines, int depth) throws IOException {
    if (depth > MAX_DEPTH) {
      throw new ConflistException(source + ":" + line(reader) + ": nested too deeply");
    }
    lines.putIfAbsent(reader.getPath(), line(reader));
    return switch (reader.peek()) {
      case BEGIN_OBJECT -> object(source, reader, lines, depth);
      case BEGIN_ARRAY -> array(source, reader, lines, depth);
      case STRING -> new JsonPrimitive(reader.nextString());
      case NUMBER -> new JsonPrimitive(new BigDecimal(reader.nextString()));
      case BOOLEAN -> new JsonPrimitive(reader.nextBoolean());
      case NULL -> {
        reader.nextNull();
        yield JsonNull.INSTANCE;
      }
      case END_ARRAY, END_OBJECT, NAME, END_DOCUMENT ->
          throw new ConflistException(source + ":" + line(reader) + ": a value is missing");
    };
  }

  private static JsonObject object(
      String source, JsonReader reader, Map<String, Integer> lines, int depth) throws IOException {
    JsonObject object = new JsonObject();
    reader.beginObject();
    while (reader.hasNext()) {
      String key = reader.nextName();
      if (object.has(key)) {
        throw new ConflistException(source + ":" + line(reader) + ": " + key + " is there twice");
      }
      object.add(key, value(source, reader, lines, depth + 1));
    }
    reader.endObject();
    return object;
  }

  private static JsonArray array(
      String source, JsonReader reader, Map<String, Integer> lines, int depth) throws IOException {
    JsonArray array = new JsonArray();
    reader.beginArray();
    while (reader.hasNext()) {
      array.add(value(source, reader, lines, depth + 1));
    }
    reader.endArray();
    return array;
  }

  private static int line(JsonReader reader) {
    Matcher at = LINE.matcher(reader.toString());
    return at.find() ? Integer.parseInt(at.group(1)) : 0;
  }
}
