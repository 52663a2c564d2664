package io.onggi.launch;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Bytes of the kernel (paths, arguments, environment) as Strings without loss. UTF-8 where it is
 * UTF-8; a byte that is not becomes the lone low surrogate U+DC00 + byte, which no well-formed text
 * contains, and turns back into that byte.
 */
public final class RawText {
  private static final int ESCAPE_FIRST = 0xDC80;
  private static final int ESCAPE_LAST = 0xDCFF;

  private RawText() {}

  /** The text of {@code bytes}; never fails. */
  public static String of(byte[] bytes) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    while (true) {
      CoderResult result = decoder.decode(in, out, true);
      if (!result.isError()) {
        return out.flip().toString();
      }
      for (int i = 0; i < result.length(); i++) {
        out.put((char) (0xDC00 + (in.get() & 0xff)));
      }
      decoder.reset();
    }
  }

  /**
   * The bytes of {@code text}.
   *
   * @throws IllegalArgumentException on a lone surrogate that stands for no byte
   */
  public static byte[] bytes(String text) {
    if (!hasSurrogates(text)) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(text.length() + 16);
    int i = 0;
    while (i < text.length()) {
      int c = text.codePointAt(i);
      if (c >= ESCAPE_FIRST && c <= ESCAPE_LAST) {
        out.write(c - 0xDC00);
      } else if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
        throw new IllegalArgumentException(
            "text has the lone surrogate U+%04X, which stands for no byte".formatted(c));
      } else {
        out.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
      }
      i += Character.charCount(c);
    }
    return out.toByteArray();
  }

  private static boolean hasSurrogates(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return true;
      }
    }
    return false;
  }
}
