package io.onggi.launch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class DirectExecTest {
  private static final byte[] TIMED_OUT = {
    8, 0, 0, 0, (byte) 0x86, 0, 0, 0, 137 - 256, 0, 0, 0, 1, 0, 0, 0
  };

  @Test
  void the_end_is_read_byte_by_byte() {
    DirectExec.End end = new DirectExec.End();
    for (int i = 0; i < TIMED_OUT.length - 1; i++) {
      assertEquals(Optional.empty(), end.take(TIMED_OUT[i]));
    }
    assertEquals(
        Optional.of(new ExecEvent.Exited(137, true, false, false)),
        end.take(TIMED_OUT[TIMED_OUT.length - 1]));
    assertThrows(WireException.class, () -> end.take((byte) 0));
  }

  @Test
  void output_that_was_not_to_pass_the_shim_is_refused() {
    byte[] stdout = TIMED_OUT.clone();
    stdout[4] = (byte) 0x84;
    DirectExec.End end = new DirectExec.End();
    assertThrows(
        WireException.class,
        () -> {
          for (byte next : stdout) {
            var _ = end.take(next);
          }
        });
  }

  @Test
  void a_size_is_a_resize_frame() {
    assertArrayEquals(
        new byte[] {8, 0, 0, 0, 0x16, 0, 0, 0, 24, 0, 0, 0, 80, 0, 0, 0},
        DirectExec.resize(24, 80));
  }
}
