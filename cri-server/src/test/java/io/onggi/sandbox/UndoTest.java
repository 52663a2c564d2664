package io.onggi.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class UndoTest {
  private final List<String> ran = new ArrayList<>();

  private Undo steps(String... names) {
    Undo undo = new Undo();
    for (String name : names) {
      undo.push(
          () -> {
            ran.add(name);
            if (name.startsWith("bad")) {
              throw new IllegalStateException(name);
            }
          });
    }
    undo.whenAllIsUndone(() -> ran.add("last"));
    return undo;
  }

  @Test
  void stepsAreTakenBackInReverseOrderAndTheIntentLast() {
    steps("one", "two", "three").close();
    assertEquals(List.of("three", "two", "one", "last"), ran);
  }

  @Test
  void allRunWhenSomeFailAndTheIntentStays() {
    Undo undo = steps("one", "bad 1", "two", "bad 2");
    RuntimeException e = assertThrows(IllegalStateException.class, undo::close);
    assertEquals(List.of("bad 2", "two", "bad 1", "one"), ran);
    assertEquals("bad 2", e.getMessage());
    assertEquals(
        List.of("bad 1"), Arrays.stream(e.getSuppressed()).map(Throwable::getMessage).toList());
  }

  @Test
  void afterCommitNothingIsTakenBack() {
    Undo undo = steps("one", "bad 1");
    undo.commit();
    undo.close();
    assertEquals(List.of(), ran);
  }

  @Test
  void closingTwiceRunsNothingTwice() {
    Undo undo = steps("one");
    undo.close();
    ran.clear();
    undo.whenAllIsUndone(() -> {});
    undo.close();
    assertEquals(List.of(), ran);
  }
}
