package io.onggi.image.registry;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One way to authenticate that a server offers in WWW-Authenticate (RFC 9110, 11.6.1).
 *
 * @param scheme in lower case: basic, bearer
 */
record Challenge(String scheme, Map<String, String> parameters) {

  /** Reads all challenges of one header value; what cannot be read is left out. */
  static List<Challenge> parse(String header) {
    List<Challenge> result = new ArrayList<>();
    Map<String, String> parameters = new LinkedHashMap<>();
    int at = 0;
    while (at < header.length()) {
      at = skip(header, at, " ,\t");
      int end = tokenEnd(header, at);
      if (end == at) {
        return result;
      }
      String token = header.substring(at, end).toLowerCase(Locale.ROOT);
      if (end < header.length() && header.charAt(end) == '=') {
        StringBuilder value = new StringBuilder();
        at = value(header, end + 1, value);
        parameters.put(token, value.toString());
      } else {
        parameters = new LinkedHashMap<>();
        result.add(new Challenge(token, parameters));
        at = end;
      }
    }
    return result;
  }

  private static int skip(String text, int from, String what) {
    int at = from;
    while (at < text.length() && what.indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    return at;
  }

  private static int tokenEnd(String text, int from) {
    int at = from;
    while (at < text.length() && " ,=\"\t".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    return at;
  }

  private static int value(String text, int from, StringBuilder value) {
    if (from >= text.length() || text.charAt(from) != '"') {
      int end = tokenEnd(text, from);
      value.append(text, from, end);
      return end == from ? from + 1 : end;
    }
    int at = from + 1;
    while (at < text.length() && text.charAt(at) != '"') {
      if (text.charAt(at) == '\\' && at + 1 < text.length()) {
        at++;
      }
      value.append(text.charAt(at++));
    }
    return at + 1;
  }
}
