package io.onggi.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExitRecordTest {
  private static final String TEXT =
      """
      onggi-exit 1
      pid 4711
      start_time 123456
      started_ns 1700000000000000000
      finished_ns 1700000001000000007
      exit_code 137
      signal 9
      oom_kills 1
      memory_peak 209715200
      lost_lines 0
      lost_bytes 0
      end
      """;

  @Test
  void aRecordIsReadAsTheShimWroteIt() {
    ExitRecord read = ExitRecord.parse(TEXT);
    assertEquals(4711, read.pid());
    assertEquals(Instant.parse("2023-11-14T22:13:21.000000007Z"), read.finishedAt());
    assertEquals(137, read.exitCode());
    assertTrue(read.oomKilled());
    assertEquals(TEXT, read.text());
  }

  @Test
  void aFileThatEndsEarlyIsNoRecord() {
    for (int i = 0; i < TEXT.length(); i++) {
      String part = TEXT.substring(0, i);
      assertThrows(WireException.class, () -> ExitRecord.parse(part), part);
    }
  }

  @Test
  void theMessageNamesTheLine() {
    WireException e =
        assertThrows(
            WireException.class, () -> ExitRecord.parse(TEXT.replace("signal 9", "signal -9")));
    assertEquals("exit record has 'signal -9' in the place of signal", e.getMessage());
    e =
        assertThrows(
            WireException.class, () -> ExitRecord.parse(TEXT.replace("code 137", "code 256")));
    assertEquals("exit record: exit code is 256, must be 0..255", e.getMessage());
  }

  @Test
  void damageIsReadOrRefusedButNothingElseHappens() {
    Random random = new Random(5);
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder(TEXT);
      text.setCharAt(random.nextInt(text.length()), (char) random.nextInt(128));
      try {
        ExitRecord.parse(text.toString());
      } catch (WireException _) {
        refused++;
      }
    }
    assertTrue(refused > 10_000, "refused " + refused);
  }

  @Test
  void noFileIsNoRecordYet(@TempDir Path dir) throws IOException {
    Path file = dir.resolve("exit");
    assertEquals(Optional.empty(), ExitRecord.read(file));
    Files.writeString(file, TEXT);
    assertEquals(Optional.of(ExitRecord.parse(TEXT)), ExitRecord.read(file));
  }
}
