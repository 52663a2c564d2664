package io.onggi.launch;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TermFailpointsTest {
  private final List<Object> happened = new ArrayList<>();

  private Failpoints parse(String text) {
    return new TermFailpoints(text, happened::add, () -> happened.add("crash"));
  }

  @Test
  void termsCountDownAndTheLastOneStays() {
    Failpoints points = parse("a=2*off->1*delay(20)->error(boom); b=crash");
    points.hit("a");
    points.hit("a");
    points.hit("a");
    for (int i = 0; i < 3; i++) {
      Failpoints.FailpointException e =
          assertThrows(Failpoints.FailpointException.class, () -> points.hit("a"));
      assertEquals("failpoint a: boom", e.getMessage());
    }
    points.hit("b");
    assertEquals(List.of(Duration.ofMillis(20), "crash"), happened);
  }

  @Test
  void aPointWithoutTermsOrWithUsedUpTermsDoesNothing() {
    Failpoints points = parse("a=1*crash");
    points.hit("a");
    points.hit("a");
    assertDoesNotThrow(() -> points.hit("other"));
    assertEquals(List.of("crash"), happened);
  }

  @Test
  void anUnknownTermIsNamed() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> parse("a=1*explode"));
    assertEquals(
        "failpoint term '1*explode' is not [N*]off, [N*]error(text), [N*]delay(ms) or [N*]crash",
        e.getMessage());
  }
}
