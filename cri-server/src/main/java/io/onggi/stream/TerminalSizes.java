package io.onggi.stream;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Reads terminal sizes out of a stream of JSON objects, cut anywhere: {@code {"Width":80,
 * "Height":24}}. What is no size is skipped.
 */
final class TerminalSizes {
  private static final int LIMIT = 1024;
  private static final int MAX = 65535;

  /** Characters. */
  record Size(int rows, int columns) {}

  private final StringBuilder open = new StringBuilder();

  /** The newest whole size in {@code bytes} and what came before. */
  Optional<Size> read(ByteBuffer bytes) {
    Optional<Size> newest = Optional.empty();
    while (bytes.hasRemaining()) {
      char c = (char) (bytes.get() & 0xff);
      open.append(c);
      if (c == '}') {
        Optional<Size> size = parse(open.toString());
        newest = size.isPresent() ? size : newest;
        open.setLength(0);
      } else if (open.length() > LIMIT) {
        open.setLength(0);
      }
    }
    return newest;
  }

  private static Optional<Size> parse(String text) {
    try {
      JsonObject json = JsonParser.parseString(text.strip()).getAsJsonObject();
      int columns = number(json, "Width");
      int rows = number(json, "Height");
      boolean sane = columns > 0 && columns <= MAX && rows > 0 && rows <= MAX;
      return sane ? Optional.of(new Size(rows, columns)) : Optional.empty();
    } catch (JsonParseException | IllegalStateException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static int number(JsonObject json, String name) {
    return json.get(name) instanceof JsonPrimitive value && value.isNumber() ? value.getAsInt() : 0;
  }
}
