package io.onggi.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CpuRatesTest {
  private static final long SECOND = 1_000_000_000L;

  private final CpuRates rates = new CpuRates();

  @Test
  void two_samples_make_a_rate_and_one_makes_none() {
    assertEquals(OptionalLong.empty(), rates.next("a", 0, 5 * SECOND));
    assertEquals(OptionalLong.of(SECOND / 2), rates.next("a", 10 * SECOND, 10 * SECOND));
    assertEquals(OptionalLong.of(2 * SECOND), rates.next("a", 11 * SECOND, 12 * SECOND));
  }

  @Test
  void who_asks_again_within_a_second_gets_the_last_rate() {
    assertEquals(OptionalLong.empty(), rates.next("a", 0, 0));
    assertEquals(OptionalLong.empty(), rates.next("a", SECOND - 1, 7));
    assertEquals(OptionalLong.of(100), rates.next("a", 2 * SECOND, 200));
    assertEquals(OptionalLong.of(100), rates.next("a", 2 * SECOND + 1, 999));
    assertEquals(OptionalLong.of(0), rates.next("a", 3 * SECOND, 200));
  }

  @Test
  void a_counter_that_went_back_starts_anew() {
    assertEquals(OptionalLong.empty(), rates.next("a", 0, 500));
    assertEquals(OptionalLong.empty(), rates.next("a", 5 * SECOND, 3));
    assertEquals(OptionalLong.of(1), rates.next("a", 6 * SECOND, 4));
  }

  @Test
  void the_removed_are_forgotten() {
    assertEquals(OptionalLong.empty(), rates.next("a", 0, 0));
    assertEquals(OptionalLong.empty(), rates.next("b", 0, 0));
    rates.retain(Set.of("b"));
    assertEquals(OptionalLong.empty(), rates.next("a", SECOND, 9));
    assertEquals(OptionalLong.of(9), rates.next("b", SECOND, 9));
  }
}
