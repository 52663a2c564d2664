package io.onggi.container.seccomp;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Pieces of classic BPF (linux/filter.h) that work on {@code struct seccomp_data}: number at byte
 * 0, AUDIT_ARCH at 4, six 64-bit arguments from 16, little endian. Each piece is position
 * independent: it jumps within itself or just past its end, so pieces are joined by concatenation.
 */
final class Bpf {
  static final int NR = 0;
  static final int ARCH = 4;
  private static final int ARGS = 16;

  static final int LD = 0x20; // BPF_LD | BPF_W | BPF_ABS
  static final int AND = 0x54; // BPF_ALU | BPF_AND | BPF_K
  static final int JA = 0x05;
  static final int JEQ = 0x15;
  static final int JGT = 0x25;
  static final int JGE = 0x35;
  static final int RET = 0x06; // BPF_RET | BPF_K

  /** Of a conditional jump: its offsets are bytes. */
  private static final int MAX_JUMP = 255;

  private Bpf() {}

  /** {@code struct sock_filter}. */
  record Insn(int code, int jt, int jf, int k) {
    Insn {
      if ((jt | jf) < 0 || jt > MAX_JUMP || jf > MAX_JUMP) {
        throw new IllegalArgumentException("jump out of range: " + jt + ", " + jf);
      }
    }
  }

  static List<Insn> load(int offset) {
    return List.of(new Insn(LD, 0, 0, offset));
  }

  static List<Insn> answer(int value) {
    return List.of(new Insn(RET, 0, 0, value));
  }

  /**
   * {@code (A test k) ? yes : no}; {@code no} comes first, and neither may run past its end.
   *
   * @param test JEQ, JGT or JGE
   */
  static List<Insn> choose(int test, int k, List<Insn> yes, List<Insn> no) {
    List<Insn> code = new ArrayList<>(yes.size() + no.size() + 2);
    if (no.size() <= MAX_JUMP) {
      code.add(new Insn(test, no.size(), 0, k));
    } else {
      code.add(new Insn(test, 0, 1, k));
      code.add(new Insn(JA, 0, 0, no.size()));
    }
    code.addAll(no);
    code.addAll(yes);
    return code;
  }

  /** Runs {@code rest} when the comparison holds, else jumps past it. */
  static List<Insn> when(SeccompProfile.Arg arg, int bits, List<Insn> rest) {
    List<Insn> code = new ArrayList<>(comparison(arg, bits, rest.size()));
    code.addAll(rest);
    return code;
  }

  /** {@code n} is how far the jump past the rest goes. */
  private static List<Insn> comparison(SeccompProfile.Arg arg, int bits, int n) {
    int low = ARGS + 8 * arg.index();
    Insn loadLow = new Insn(LD, 0, 0, low);
    Insn loadHigh = new Insn(LD, 0, 0, low + 4);
    int vl = arg.value().intValue();
    int vh = high(arg.value(), bits);
    return switch (arg.op()) {
      case SCMP_CMP_EQ ->
          List.of(loadHigh, new Insn(JEQ, 0, n + 2, vh), loadLow, new Insn(JEQ, 0, n, vl));
      case SCMP_CMP_NE ->
          List.of(loadHigh, new Insn(JEQ, 0, 2, vh), loadLow, new Insn(JEQ, n, 0, vl));
      case SCMP_CMP_GT -> above(loadHigh, loadLow, vh, new Insn(JGT, 0, n, vl), n);
      case SCMP_CMP_GE -> above(loadHigh, loadLow, vh, new Insn(JGE, 0, n, vl), n);
      case SCMP_CMP_LT -> below(loadHigh, loadLow, vh, new Insn(JGE, n, 0, vl), n);
      case SCMP_CMP_LE -> below(loadHigh, loadLow, vh, new Insn(JGT, n, 0, vl), n);
      case SCMP_CMP_MASKED_EQ ->
          List.of(
              loadHigh,
              new Insn(AND, 0, 0, vh),
              new Insn(JEQ, 0, n + 3, high(arg.valueTwo(), bits)),
              loadLow,
              new Insn(AND, 0, 0, vl),
              new Insn(JEQ, 0, n, arg.valueTwo().intValue()));
    };
  }

  private static List<Insn> above(Insn loadHigh, Insn loadLow, int vh, Insn last, int n) {
    return List.of(loadHigh, new Insn(JGT, 3, 0, vh), new Insn(JEQ, 0, n + 2, vh), loadLow, last);
  }

  private static List<Insn> below(Insn loadHigh, Insn loadLow, int vh, Insn last, int n) {
    return List.of(loadHigh, new Insn(JGT, n + 3, 0, vh), new Insn(JEQ, 0, 2, vh), loadLow, last);
  }

  /** A 32-bit machine's arguments have no upper half: the kernel shows zeros there. */
  private static int high(BigInteger value, int bits) {
    return bits == 32 ? 0 : value.shiftRight(32).intValue();
  }

  /** As the kernel reads it. */
  static byte[] bytes(List<Insn> code) {
    ByteBuffer out = ByteBuffer.allocate(8 * code.size()).order(ByteOrder.LITTLE_ENDIAN);
    for (Insn i : code) {
      out.putShort((short) i.code()).put((byte) i.jt()).put((byte) i.jf()).putInt(i.k());
    }
    return out.array();
  }
}
