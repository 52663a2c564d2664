package io.onggi.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.error.CriException;
import io.onggi.launch.RawText;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class RecordJsonTest {
  sealed interface Shape {
    record Circle(double radius) implements Shape {}

    record Named(String name, Optional<Shape> inner) implements Shape {}

    record Nothing() implements Shape {}
  }

  record Whole(
      Optional<String> text,
      OptionalLong number,
      OptionalInt small,
      Optional<Shape> shape,
      Instant at,
      Path path,
      InetAddress address,
      List<Shape> shapes,
      Map<String, String> map) {}

  private static Whole whole(Optional<String> text, Optional<Shape> shape, long number) {
    return new Whole(
        text,
        number < 0 ? OptionalLong.empty() : OptionalLong.of(number),
        number < 0 ? OptionalInt.empty() : OptionalInt.of(5),
        shape,
        Instant.ofEpochSecond(1_800_000_000, 123_456_789),
        Path.of("/a/b"),
        InetAddress.ofLiteral("10.1.2.3"),
        List.of(new Shape.Circle(0.5), new Shape.Nothing()),
        Map.of("b", "<&>", "a", "\u00e9"));
  }

  private static String text(Object value) {
    return new String(RecordJson.toBytes(value), StandardCharsets.UTF_8);
  }

  @Test
  void aRecordIsReadBackAsItWas() {
    Shape nested = new Shape.Named("x", Optional.of(new Shape.Named("y", Optional.empty())));
    for (Whole value :
        List.of(
            whole(Optional.of("t"), Optional.of(nested), Long.MAX_VALUE),
            whole(Optional.empty(), Optional.empty(), -1))) {
      assertEquals(value, RecordJson.fromBytes(RecordJson.toBytes(value), Whole.class));
      byte[] pretty = RecordJson.pretty(value).getBytes(StandardCharsets.UTF_8);
      assertEquals(value, RecordJson.fromBytes(pretty, Whole.class));
    }
  }

  @Test
  void anEmptyOptionalIsLeftOut() {
    String json = text(whole(Optional.empty(), Optional.empty(), -1));
    for (String absent : List.of("text", "number", "small", "\"shape\"", "null")) {
      assertTrue(!json.contains(absent), json);
    }
    assertTrue(json.contains("\"at\":\"2027-01-15T08:00:00.123456789Z\""), json);
    assertTrue(json.contains("{\"is\":\"Nothing\"}"), json);
    assertTrue(json.contains("<&>"), "no HTML escapes: " + json);
  }

  @Test
  void bytesThatAreNoTextAreKeptCompactAndPretty() {
    String raw = RawText.of(new byte[] {'a', (byte) 0xff, (byte) 0x80, 'z'}) + "\ud83d\ude00";
    Shape value = new Shape.Named(raw, Optional.empty());
    for (byte[] json :
        List.of(
            RecordJson.toBytes(value), RecordJson.pretty(value).getBytes(StandardCharsets.UTF_8))) {
      Shape read = RecordJson.fromBytes(json, Shape.class);
      assertEquals(value, read);
      assertArrayEquals(RawText.bytes(raw), RawText.bytes(((Shape.Named) read).name()));
    }
    assertTrue(text(value).contains("\\udcff\\udc80"), text(value));
  }

  @Test
  void anUnknownCaseOfASealedFamilyIsNamed() {
    byte[] json = "{\"is\":\"Square\"}".getBytes(StandardCharsets.UTF_8);
    CriException.Internal e =
        assertThrows(CriException.Internal.class, () -> RecordJson.fromBytes(json, Shape.class));
    assertEquals("unreadable JSON for Shape: no Shape is called \"Square\"", e.getMessage());
  }

  @Test
  void whatIsNoJsonIsInternalAndNamesTheType() {
    for (String bad : List.of("{", "[]", "{\"at\":7}", "null", "")) {
      CriException.Internal e =
          assertThrows(
              CriException.Internal.class,
              () -> RecordJson.fromBytes(bad.getBytes(StandardCharsets.UTF_8), Whole.class),
              bad);
      assertTrue(String.valueOf(e.getMessage()).contains("JSON for Whole"), e.getMessage());
    }
  }
}
