package io.onggi.stream;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * A bounded number of seeded mutations through {@link StreamFuzz}, and inputs that once were bad.
 */
class HostileBytesTest {
  private static final int ROUNDS = 3000;

  @Test
  void whatever_bytes_come_no_exception_leaves_the_handlers_and_memory_stays_bounded() {
    SplittableRandom random = new SplittableRandom(20261122);
    List<byte[]> seeds = StreamFuzz.seeds();
    for (int round = 0; round < ROUNDS; round++) {
      byte[] input = seeds.get(round % seeds.size()).clone();
      int changes = 1 + random.nextInt(8);
      for (int i = 0; i < changes; i++) {
        input[random.nextInt(input.length)] = (byte) random.nextInt(256);
      }
      runNamed(input);
    }
  }

  private static void runNamed(byte[] input) {
    try {
      StreamFuzz.run(input);
    } catch (Exception e) {
      throw new AssertionError("broken by " + HexFormat.of().formatHex(input), e);
    }
  }

  @Test
  void every_beginning_of_a_valid_conversation_is_survived() {
    for (byte[] seed : StreamFuzz.seeds()) {
      for (int length = 1; length <= seed.length; length++) {
        StreamFuzz.run(java.util.Arrays.copyOf(seed, length));
      }
    }
  }

  @Test
  void base64_that_is_none_and_frames_without_a_channel_close_the_connection() {
    assertTrue(StreamFuzz.closes(StreamFuzz.BASE64, new byte[] {(byte) 0x81, 3, '0', '*', '*'}));
    // A frame of a client that is not masked (RFC 6455, 5.1) and one with a reserved opcode.
    assertTrue(StreamFuzz.closes(StreamFuzz.V5, new byte[] {(byte) 0x82, 1, 0}));
    assertTrue(StreamFuzz.closes(StreamFuzz.V5, new byte[] {(byte) 0x8b, (byte) 0x80, 0, 0, 0, 0}));
  }
}
