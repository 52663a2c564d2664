package io.onggi.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path directory;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aFileIsMadeAndReplacedAndNothingElseIsLeft() throws IOException {
    Path file = directory.resolve("status.json");
    AtomicFile.write(file, bytes("one"), true);
    AtomicFile.write(file, bytes("two"), false);
    assertEquals("two", Files.readString(file));
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void aFailureNamesTheFileAndLeavesNoTemporaryFile() throws IOException {
    Path occupied = Files.createDirectories(directory.resolve("occupied/by/a/directory"));
    Path file = directory.resolve("occupied");
    UncheckedIOException e =
        assertThrows(UncheckedIOException.class, () -> AtomicFile.write(file, bytes("x"), true));
    assertTrue(String.valueOf(e.getMessage()).startsWith("replace " + file), e.getMessage());
    assertTrue(Files.exists(occupied));
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(List.of(file), files.toList());
    }
  }
}
