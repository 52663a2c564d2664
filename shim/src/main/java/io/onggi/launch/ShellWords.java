package io.onggi.launch;

import java.util.List;
import java.util.regex.Pattern;

/** Words quoted so that a shell reads back exactly their bytes. */
final class ShellWords {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

  private ShellWords() {}

  /**
   * The word bare when it is harmless, in single quotes when it is printable, else in {@code
   * $'...'} (bash, ksh, zsh) so that every line of the output stays one line.
   */
  static String quote(String word) {
    if (PLAIN.matcher(word).matches()) {
      return word;
    }
    if (word.codePoints().noneMatch(ShellWords::isUnprintable)) {
      return "'" + word.replace("'", "'\\''") + "'";
    }
    StringBuilder out = new StringBuilder("$'");
    word.codePoints().forEach(c -> escape(out, c));
    return out.append('\'').toString();
  }

  static String join(List<String> words) {
    return String.join(" ", words.stream().map(ShellWords::quote).toList());
  }

  private static boolean isUnprintable(int c) {
    return Character.isISOControl(c)
        || Character.getType(c) == Character.SURROGATE
        || Character.getType(c) == Character.FORMAT;
  }

  private static void escape(StringBuilder out, int c) {
    if (c == '\'' || c == '\\') {
      out.append('\\').append((char) c);
    } else if (c == '\n') {
      out.append("\\n");
    } else if (isUnprintable(c)) {
      for (byte b : RawText.bytes(Character.toString(c))) {
        out.append("\\x%02x".formatted(b & 0xff));
      }
    } else {
      out.appendCodePoint(c);
    }
  }
}
