package io.onggi.container.seccomp;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.onggi.error.CriException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A JSON object that knows where it stands, so that each complaint names the file and the key:
 * {@code seccomp profile /x.json: syscalls[3].args[0].op ...}. Absent and null are the same;
 * unknown keys are ignored.
 */
record JsonNode(String file, String path, JsonObject object) {
  private static final BigInteger LIMIT_64 = BigInteger.ONE.shiftLeft(64);

  /** Digits of the longest number that is read at all; 2^64 has 20. */
  private static final int MAX_DIGITS = 20;

  boolean has(String key) {
    return member(key).isPresent();
  }

  Optional<String> string(String key) {
    return member(key).map(e -> asString(key, e));
  }

  List<String> strings(String key) {
    List<String> list = new ArrayList<>();
    JsonArray array = array(key);
    for (int i = 0; i < array.size(); i++) {
      list.add(asString(key + "[" + i + "]", array.get(i)));
    }
    return list;
  }

  List<JsonNode> children(String key) {
    List<JsonNode> list = new ArrayList<>();
    JsonArray array = array(key);
    for (int i = 0; i < array.size(); i++) {
      list.add(asChild(key + "[" + i + "]", array.get(i)));
    }
    return list;
  }

  Optional<JsonNode> child(String key) {
    return member(key).map(e -> asChild(key, e));
  }

  /** A whole number within 0..max. */
  Optional<Integer> number(String key, int max) {
    return unsigned(key)
        .map(
            n -> {
              if (n.compareTo(BigInteger.valueOf(max)) > 0) {
                throw wrong(key, "is " + n + ", must be a whole number within 0-" + max);
              }
              return n.intValueExact();
            });
  }

  /** A whole number of 64 bits, without sign. */
  Optional<BigInteger> unsigned(String key) {
    return member(key)
        .map(
            e -> {
              String text =
                  e instanceof JsonPrimitive p && p.isNumber() ? p.getAsString() : "no number";
              boolean digits =
                  !text.isEmpty()
                      && text.length() <= MAX_DIGITS
                      && text.chars().allMatch(c -> c >= '0' && c <= '9');
              BigInteger value = digits ? new BigInteger(text) : LIMIT_64;
              if (value.compareTo(LIMIT_64) >= 0) {
                throw wrong(key, "must be a whole number within 0-18446744073709551615");
              }
              return value;
            });
  }

  /** A constant of {@code type}, by its name. */
  <E extends Enum<E>> Optional<E> constant(String key, Class<E> type) {
    return string(key)
        .map(
            text -> {
              for (E value : type.getEnumConstants()) {
                if (value.name().equals(text)) {
                  return value;
                }
              }
              throw wrong(
                  key,
                  "\""
                      + text
                      + "\" is unknown, must be one of "
                      + List.of(type.getEnumConstants()));
            });
  }

  CriException.InvalidArgument wrong(String key, String what) {
    return new CriException.InvalidArgument(
        "seccomp profile " + file + ": " + path + key + " " + what);
  }

  private Optional<JsonElement> member(String key) {
    return Optional.ofNullable(object.get(key)).filter(e -> !e.isJsonNull());
  }

  private JsonArray array(String key) {
    return member(key)
        .map(
            e -> {
              if (e instanceof JsonArray array) {
                return array;
              }
              throw wrong(key, "must be a list");
            })
        .orElseGet(JsonArray::new);
  }

  private String asString(String key, JsonElement element) {
    if (element instanceof JsonPrimitive primitive && primitive.isString()) {
      return primitive.getAsString();
    }
    throw wrong(key, "must be a string");
  }

  private JsonNode asChild(String key, JsonElement element) {
    if (element instanceof JsonObject child) {
      return new JsonNode(file, path + key + ".", child);
    }
    throw wrong(key, "must be an object");
  }
}
