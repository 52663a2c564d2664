package io.onggi.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

class ExecResultTest {
  private static ExecResult result(int stdout, int stderr) {
    return new ExecResult(0, new byte[stdout], new byte[stderr], false, false, false);
  }

  private static void assertCut(int stdout, int stderr, int out, int err) {
    ExecResult cut = result(stdout, stderr).within(100);
    assertEquals(out, cut.stdout().length);
    assertEquals(err, cut.stderr().length);
    assertEquals(out < stdout, cut.stdoutTruncated());
    assertEquals(err < stderr, cut.stderrTruncated());
  }

  @Test
  void what_fits_stays_as_it_is() {
    ExecResult fits = result(60, 40);
    assertSame(fits, fits.within(100));
  }

  @Test
  void the_longer_output_gets_what_the_other_leaves_and_two_long_ones_half_each() {
    assertCut(200, 10, 90, 10);
    assertCut(10, 200, 10, 90);
    assertCut(200, 300, 50, 50);
    assertCut(51, 50, 50, 50);
    assertCut(0, 101, 0, 100);
  }
}
