package io.onggi.daemon.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArgumentsTest {
  private static final Path DEFAULT = Path.of("/run/onggi/onggi.sock");

  @Test
  void theSocketMayStandAnywhereInBothForms() {
    Arguments expected = new Arguments(Path.of("/s"), "plan", List.of("abc"));
    for (List<String> typed :
        List.of(
            List.of("--socket", "/s", "plan", "abc"),
            List.of("plan", "--socket=/s", "abc"),
            List.of("plan", "abc", "--socket", "/s"))) {
      assertEquals(expected, Arguments.parse(typed));
    }
    assertEquals(new Arguments(DEFAULT, "", List.of()), Arguments.parse(List.of()));
  }

  @Test
  void whatIsTypedWronglyIsAnsweredWithASentence() {
    assertEquals(
        "--socket needs the path of the daemon's socket",
        assertThrows(
                IllegalArgumentException.class, () -> Arguments.parse(List.of("plan", "--socket")))
            .getMessage());
    assertEquals(
        "onggi load takes exactly one file",
        assertThrows(
                IllegalArgumentException.class, () -> Arguments.parse(List.of("load")).only("file"))
            .getMessage());
    assertEquals("a", Arguments.parse(List.of("load", "a")).only("file"));
  }
}
