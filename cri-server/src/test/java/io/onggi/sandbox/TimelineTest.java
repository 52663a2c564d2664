package io.onggi.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.onggi.sandbox.Timeline.ShimStep;
import io.onggi.sandbox.Timeline.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TimelineTest {
  private static final Instant AT = Instant.ofEpochSecond(1_800_000_000);

  @TempDir private Path folder;
  private long nanos;
  private final Timelines timelines = new Timelines(() -> AT, () -> nanos);

  private void takes(long micros) {
    nanos += micros * 1000;
  }

  @Test
  void stepsHaveTheirBeginningAndLengthAndWhatThrowsIsNone() {
    StartClock clock = timelines.begin();
    clock.step("one", () -> takes(5));
    takes(2);
    assertEquals(
        "result",
        clock.step(
            "two",
            () -> {
              takes(7);
              return "result";
            }));
    assertThrows(
        IllegalStateException.class,
        () ->
            clock.step(
                "three",
                () -> {
                  throw new IllegalStateException();
                }));
    clock.shim(List.of(new ShimStep("CLONE", 1, 3)));
    takes(1);
    assertEquals(
        new Timeline(
            AT,
            15,
            List.of(new Step("one", 0, 5), new Step("two", 7, 7)),
            List.of(new ShimStep("CLONE", 1, 3))),
        clock.done());
  }

  @Test
  void itIsReadBackByADaemonThatFollows() {
    StartClock clock = timelines.begin();
    clock.step("one", () -> takes(5));
    timelines.keep(folder, clock.done());
    assertEquals(
        Optional.of(clock.done()), new Timelines(() -> AT, () -> 0).read(folder), "as it was");
  }

  @Test
  void oneThatIsNotThereOrNotWholeIsMissingAndNoError() throws IOException {
    assertEquals(Optional.empty(), timelines.read(folder));
    Files.writeString(folder.resolve("timeline.json"), "{\"startedAt\":\"2026-");
    assertEquals(Optional.empty(), timelines.read(folder));
    timelines.keep(folder.resolve("not/there"), timelines.begin().done());
  }
}
