package io.onggi.image.registry;

import io.onggi.image.content.BadContent;
import io.onggi.image.content.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Turns a registry's refusals into words. */
final class Answers {
  private static final int MAX_ERROR_BODY = 64 * 1024;
  private static final int MAX_SHOWN = 300;

  private Answers() {}

  /** The body, up to what a token or an error needs. */
  static byte[] limitedBody(HttpResponse<InputStream> response) throws IOException {
    try (InputStream body = response.body()) {
      return body.readNBytes(MAX_ERROR_BODY);
    }
  }

  /** {@code GET https://host/v2/...: 404: MANIFEST_UNKNOWN: manifest unknown}. */
  static String explain(HttpResponse<?> response, byte[] body) {
    String message = message(body);
    return response.request().method()
        + " "
        + response.request().uri()
        + ": "
        + response.statusCode()
        + (message.isEmpty() ? "" : ": " + message);
  }

  private static String message(byte[] body) {
    String text = new String(body, StandardCharsets.UTF_8).strip();
    if (text.startsWith("{")) {
      try {
        Json json = Json.parse("error", body);
        List<Json> errors = json.children("errors");
        if (!errors.isEmpty()) {
          Json first = errors.getFirst();
          return cut(first.string("code", "") + ": " + first.string("message", ""));
        }
        return cut(json.string("details").or(() -> json.string("error")).orElse(""));
      } catch (BadContent _) {
        return "";
      }
    }
    return text.startsWith("<") ? "(a page of HTML, not a registry's answer)" : cut(text);
  }

  private static String cut(String text) {
    String oneLine = text.replaceAll("\\p{Cntrl}+", " ");
    return oneLine.length() <= MAX_SHOWN ? oneLine : oneLine.substring(0, MAX_SHOWN) + "...";
  }
}
