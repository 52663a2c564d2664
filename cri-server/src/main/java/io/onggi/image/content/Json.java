package io.onggi.image.content;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.onggi.error.CriException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A JSON object from outside, read with types: a field of the wrong kind is {@link BadContent} that
 * names the document and the field, never a ClassCastException. Absent and null are the same.
 */
public record Json(String document, JsonObject object) {

  /** Parses the bytes of a document that is called {@code document} in errors. */
  public static Json parse(String document, byte[] bytes) {
    try {
      JsonElement element = JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8));
      if (element instanceof JsonObject object) {
        return new Json(document, object);
      }
    } catch (JsonParseException | NumberFormatException e) {
      throw new BadContent(document + " is not JSON: " + e.getMessage(), e);
    }
    throw new BadContent(document + " is not a JSON object");
  }

  /** Parses a document whose outermost value is a list of objects. */
  public static List<Json> parseList(String document, byte[] bytes) {
    try {
      JsonElement element = JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8));
      if (element instanceof JsonArray array) {
        return objects(document, array);
      }
    } catch (JsonParseException | NumberFormatException e) {
      throw new BadContent(document + " is not JSON: " + e.getMessage(), e);
    }
    throw new BadContent(document + " is not a JSON list");
  }

  public Optional<String> string(String field) {
    return member(field).map(value -> asString(field, value));
  }

  public String string(String field, String otherwise) {
    return string(field).orElse(otherwise);
  }

  /** A whole number that is not negative. */
  public Optional<Long> size(String field) {
    return member(field).map(value -> asSize(field, value));
  }

  public boolean bool(String field) {
    return member(field)
        .map(
            value -> {
              if (value instanceof JsonPrimitive primitive && primitive.isBoolean()) {
                return primitive.getAsBoolean();
              }
              throw wrong(field, "true or false");
            })
        .orElse(false);
  }

  public Optional<Digest> digest(String field) {
    return string(field).map(text -> asDigest(field, text));
  }

  public Optional<Json> child(String field) {
    return member(field)
        .map(
            value -> {
              if (value instanceof JsonObject child) {
                return new Json(document, child);
              }
              throw wrong(field, "an object");
            });
  }

  /** The list of strings; empty when absent. */
  public List<String> strings(String field) {
    List<String> result = new ArrayList<>();
    for (JsonElement element : array(field)) {
      result.add(asString(field, element));
    }
    return result;
  }

  public List<Digest> digests(String field) {
    return strings(field).stream().map(text -> asDigest(field, text)).toList();
  }

  /** The list of objects; empty when absent. */
  public List<Json> children(String field) {
    return objects(document + ": \"" + field + "\"", array(field));
  }

  /** An object whose values are strings, in document order; empty when absent. */
  public Map<String, String> stringMap(String field) {
    Map<String, String> result = new LinkedHashMap<>();
    child(field)
        .ifPresent(
            child ->
                child
                    .object
                    .entrySet()
                    .forEach(e -> result.put(e.getKey(), asString(field, e.getValue()))));
    return result;
  }

  /** The keys of an object used as a set (volumes, exposed ports); empty when absent. */
  public List<String> keys(String field) {
    return child(field).map(child -> List.copyOf(child.object.keySet())).orElse(List.of());
  }

  private JsonArray array(String field) {
    return member(field)
        .map(
            value -> {
              if (value instanceof JsonArray array) {
                return array;
              }
              throw wrong(field, "a list");
            })
        .orElseGet(JsonArray::new);
  }

  private Optional<JsonElement> member(String field) {
    return Optional.ofNullable(object.get(field)).filter(value -> !value.isJsonNull());
  }

  private static List<Json> objects(String document, JsonArray array) {
    List<Json> result = new ArrayList<>(array.size());
    for (JsonElement element : array) {
      if (!(element instanceof JsonObject object)) {
        throw new BadContent(document + " holds an item that is not an object");
      }
      result.add(new Json(document, object));
    }
    return result;
  }

  private String asString(String field, JsonElement value) {
    if (value instanceof JsonPrimitive primitive && primitive.isString()) {
      return primitive.getAsString();
    }
    throw wrong(field, "a string");
  }

  private Digest asDigest(String field, String text) {
    try {
      return Digest.parse(text);
    } catch (CriException.InvalidArgument e) {
      throw new BadContent(document + ": \"" + field + "\": " + e.getMessage(), e);
    }
  }

  private long asSize(String field, JsonElement value) {
    try {
      if (value instanceof JsonPrimitive primitive && primitive.isNumber()) {
        long number = Long.parseLong(primitive.getAsString());
        if (number >= 0) {
          return number;
        }
      }
    } catch (NumberFormatException _) {
      // falls through to the same complaint
    }
    throw wrong(field, "a whole number that is not negative");
  }

  /** The complaint that a field is not what it has to be. */
  public BadContent wrong(String field, String need) {
    return new BadContent(document + ": \"" + field + "\" is not " + need);
  }
}
