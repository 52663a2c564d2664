package io.onggi.container.cdi;

import io.onggi.error.CriException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An object of a spec file that knows where it stands, so that each complaint names file and key.
 * Absent and null are the same.
 */
record CdiNode(String file, String path, Map<String, Object> members) {

  /**
   * @param value what the YAML reader made
   */
  static CdiNode of(String file, String path, @Nullable Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw wrong(file, path.isEmpty() ? "" : path.substring(0, path.length() - 1), "no object");
    }
    Map<String, Object> members = new LinkedHashMap<>();
    map.forEach(
        (key, member) -> {
          if (member != null) {
            members.put(String.valueOf(key), member);
          }
        });
    return new CdiNode(file, path, members);
  }

  static CriException.InvalidArgument wrong(String file, String key, String what) {
    return new CriException.InvalidArgument(
        "CDI file " + file + ": " + (key.isEmpty() ? "" : key + ": ") + what);
  }

  CriException.InvalidArgument wrong(String key, String what) {
    return wrong(file, path + key, what);
  }

  /** A misspelt key would be a device that misses something: unknown ones are refused. */
  void only(Set<String> known) {
    for (String key : members.keySet()) {
      if (!known.contains(key)) {
        throw wrong(key, "unknown key; known here are " + known.stream().sorted().toList());
      }
    }
  }

  boolean has(String key) {
    return members.containsKey(key);
  }

  Optional<String> string(String key) {
    return Optional.ofNullable(members.get(key)).map(v -> asString(key, v));
  }

  private String asString(String key, Object value) {
    if (value instanceof String text && text.indexOf('\0') < 0) {
      return text;
    }
    if (value instanceof Integer) {
      return value.toString(); // name: 0, without quotes
    }
    throw wrong(key, "is no text");
  }

  String required(String key) {
    return string(key)
        .filter(text -> !text.isEmpty())
        .orElseThrow(() -> wrong(key, "is missing or empty"));
  }

  /** An absolute path. */
  String path(String key) {
    String text = required(key);
    if (!text.startsWith("/")) {
      throw wrong(key, "\"" + text + "\" is not an absolute path");
    }
    return text;
  }

  List<String> strings(String key) {
    List<String> list = new ArrayList<>();
    int index = 0;
    for (Object value : list(key)) {
      list.add(asString(key + "[" + index++ + "]", value));
    }
    return list;
  }

  /** {@code NAME=value} each. */
  List<String> environment(String key) {
    List<String> list = strings(key);
    for (int i = 0; i < list.size(); i++) {
      if (list.get(i).indexOf('=') <= 0) {
        throw wrong(key + "[" + i + "]", "\"" + list.get(i) + "\" is not NAME=value");
      }
    }
    return list;
  }

  Collection<?> list(String key) {
    Object value = members.getOrDefault(key, List.of());
    if (value instanceof Collection<?> list) {
      return list;
    }
    throw wrong(key, "is no list");
  }

  List<CdiNode> children(String key) {
    List<CdiNode> list = new ArrayList<>();
    int index = 0;
    for (Object value : list(key)) {
      list.add(of(file, path + key + "[" + index++ + "].", value));
    }
    return list;
  }

  Optional<CdiNode> child(String key) {
    return Optional.ofNullable(members.get(key)).map(v -> of(file, path + key + ".", v));
  }

  /** A whole number within the bounds. */
  Optional<Long> number(String key, long least, long most) {
    return Optional.ofNullable(members.get(key)).map(v -> asNumber(key, v, least, most));
  }

  List<Long> numbers(String key, long least, long most) {
    List<Long> list = new ArrayList<>();
    int index = 0;
    for (Object value : list(key)) {
      list.add(asNumber(key + "[" + index++ + "]", value, least, most));
    }
    return list;
  }

  private long asNumber(String key, @Nullable Object value, long least, long most) {
    boolean whole =
        value instanceof Integer || value instanceof Long || value instanceof BigInteger;
    if (whole) {
      BigInteger number = new BigInteger(String.valueOf(value));
      if (number.compareTo(BigInteger.valueOf(least)) >= 0
          && number.compareTo(BigInteger.valueOf(most)) <= 0) {
        return number.longValueExact();
      }
    }
    throw wrong(key, "\"" + value + "\" is not a decimal number within " + least + "-" + most);
  }

  boolean flag(String key) {
    Object value = members.getOrDefault(key, false);
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw wrong(key, "is neither true nor false");
  }
}
