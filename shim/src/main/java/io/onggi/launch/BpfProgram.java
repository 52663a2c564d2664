package io.onggi.launch;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * A classic BPF program as the kernel reads it: an array of {@code struct sock_filter} (u16 code,
 * u8 jt, u8 jf, u32 k; little endian), 1..4096 of them.
 */
public final class BpfProgram {
  private static final int INSTRUCTION = 8;
  private static final int MAX_INSTRUCTIONS = 4096;

  private final byte[] bytes;

  private BpfProgram(byte[] bytes) {
    this.bytes = bytes;
  }

  public static BpfProgram of(byte[] bytes) {
    if (bytes.length == 0
        || bytes.length % INSTRUCTION != 0
        || bytes.length > MAX_INSTRUCTIONS * INSTRUCTION) {
      throw new IllegalArgumentException(
          "seccomp filter has " + bytes.length + " bytes, must be 1..4096 instructions of 8 bytes");
    }
    return new BpfProgram(bytes.clone());
  }

  public byte[] bytes() {
    return bytes.clone();
  }

  /** Instructions, 1..4096. */
  public int length() {
    return bytes.length / INSTRUCTION;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BpfProgram program && Arrays.equals(bytes, program.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "BpfProgram["
        + length()
        + " instructions, first "
        + HexFormat.of().formatHex(bytes, 0, INSTRUCTION)
        + "]";
  }
}
