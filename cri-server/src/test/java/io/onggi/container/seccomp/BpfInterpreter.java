package io.onggi.container.seccomp;

import io.onggi.launch.BpfProgram;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What the kernel does with a filter, and what its checker refuses (kernel/seccomp.c). */
final class BpfInterpreter {
  private static final int DATA = 64;

  private final ByteBuffer code;
  private final int length;
  private int steps;

  BpfInterpreter(BpfProgram program) {
    this.code = ByteBuffer.wrap(program.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    this.length = program.length();
  }

  /** Instructions that the last run took. */
  int steps() {
    return steps;
  }

  int run(int arch, int number, long... args) {
    ByteBuffer data = ByteBuffer.allocate(DATA).order(ByteOrder.LITTLE_ENDIAN);
    data.putInt(0, number).putInt(4, arch);
    for (int i = 0; i < args.length; i++) {
      data.putLong(16 + 8 * i, args[i]);
    }
    int a = 0;
    steps = 0;
    for (int pc = 0; pc < length; pc++) {
      steps++;
      int k = code.getInt(8 * pc + 4);
      switch (code.getShort(8 * pc)) {
        case 0x20 -> a = data.getInt(k);
        case 0x54 -> a &= k;
        case 0x05 -> pc += k;
        case 0x15 -> pc += jump(pc, a == k);
        case 0x25 -> pc += jump(pc, Integer.compareUnsigned(a, k) > 0);
        case 0x35 -> pc += jump(pc, Integer.compareUnsigned(a, k) >= 0);
        case 0x06 -> {
          return k;
        }
        default -> throw new AssertionError("instruction " + code.getShort(8 * pc) + " at " + pc);
      }
    }
    throw new AssertionError("the filter ran past its end");
  }

  private int jump(int pc, boolean yes) {
    return code.get(8 * pc + (yes ? 2 : 3)) & 0xFF;
  }

  /** The kernel takes no filter that could jump out or that does not end in an answer. */
  void check() {
    for (int pc = 0; pc < length; pc++) {
      int op = code.getShort(8 * pc);
      int furthest =
          switch (op) {
            case 0x05 -> code.getInt(8 * pc + 4);
            case 0x15, 0x25, 0x35 -> Math.max(jump(pc, true), jump(pc, false));
            default -> 0;
          };
      if (furthest < 0 || (pc + 1 + furthest >= length && op != 0x06)) {
        throw new AssertionError("instruction " + pc + " leads out of the filter");
      }
    }
  }
}
