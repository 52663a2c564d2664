package io.onggi.cgroup;

import io.onggi.error.CriException;
import io.onggi.linux.DevicePrograms;
import io.onggi.linux.LinuxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Device rules as the eBPF program that cgroup v2 asks: 1 for a device that a rule allows with all
 * of the wanted access, else 0, which the kernel turns into EPERM. Compiling is pure.
 *
 * <p>The program is given {@code struct bpf_cgroup_dev_ctx}: access in the upper and type in the
 * lower half of the first word, then major and minor.
 */
final class DeviceFilter {
  private static final int LOAD_WORD = 0x61;
  private static final int AND = 0x57;
  private static final int SHIFT_RIGHT = 0x77;
  private static final int MOVE = 0xbf;
  private static final int SET = 0xb7;
  private static final int JUMP_IF_NOT = 0x55;
  private static final int EXIT = 0x95;

  private static final int RESULT = 0;
  private static final int CONTEXT = 1; // free as scratch once all is read from it
  private static final int TYPE = 2;
  private static final int ACCESS = 3;
  private static final int MAJOR = 4;
  private static final int MINOR = 5;

  private static final int BLOCK = 1;
  private static final int CHARACTER = 2;
  private static final int MKNOD = 1;
  private static final int READ = 2;
  private static final int WRITE = 4;
  private static final int ALL = MKNOD | READ | WRITE;

  /** u8 code, u8 source and destination, s16 offset, s32 immediate. */
  private record Instruction(int code, int to, int from, int offset, int value) {}

  private DeviceFilter() {}

  /**
   * From now on the cgroup's processes, and those of cgroups below, can open only these.
   *
   * @throws CriException.FailedPrecondition on a kernel that has no such programs
   */
  static void attach(List<DeviceRule> rules, Path cgroup) {
    try {
      DevicePrograms.attach(compile(rules), cgroup);
    } catch (LinuxException e) {
      throw new CriException.FailedPrecondition(
          "cgroup "
              + cgroup
              + " cannot be kept from the node's devices: "
              + e.getMessage()
              + "; the kernel needs CONFIG_CGROUP_BPF, the daemon CAP_BPF and CAP_NET_ADMIN or"
              + " CAP_SYS_ADMIN");
    }
  }

  static byte[] compile(List<DeviceRule> rules) {
    List<Instruction> code = new ArrayList<>();
    code.add(new Instruction(LOAD_WORD, TYPE, CONTEXT, 0, 0));
    code.add(new Instruction(MOVE, ACCESS, TYPE, 0, 0));
    code.add(new Instruction(AND, TYPE, 0, 0, 0xffff));
    code.add(new Instruction(SHIFT_RIGHT, ACCESS, 0, 0, 16));
    code.add(new Instruction(LOAD_WORD, MAJOR, CONTEXT, 4, 0));
    code.add(new Instruction(LOAD_WORD, MINOR, CONTEXT, 8, 0));
    rules.forEach(rule -> code.addAll(rule(rule)));
    code.addAll(answer(0));
    ByteBuffer bytes = ByteBuffer.allocate(code.size() * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (Instruction i : code) {
      bytes.put((byte) i.code).put((byte) (i.from << 4 | i.to));
      bytes.putShort((short) i.offset).putInt(i.value);
    }
    return bytes.array();
  }

  /** Falls through to the next rule where this one says nothing. */
  private static List<Instruction> rule(DeviceRule rule) {
    List<Instruction> checks = new ArrayList<>();
    checks.add(unless(TYPE, rule.type() == 'b' ? BLOCK : CHARACTER));
    number(checks, MAJOR, rule.major());
    number(checks, MINOR, rule.minor());
    int allowed = access(rule.access());
    if (allowed != ALL) {
      checks.add(new Instruction(MOVE, CONTEXT, ACCESS, 0, 0));
      checks.add(new Instruction(AND, CONTEXT, 0, 0, ALL & ~allowed));
      checks.add(unless(CONTEXT, 0));
    }
    List<Instruction> code = new ArrayList<>();
    int end = checks.size() + 2;
    for (Instruction check : checks) {
      boolean jump = check.code == JUMP_IF_NOT;
      int offset = jump ? end - code.size() - 1 : check.offset;
      code.add(new Instruction(check.code, check.to, check.from, offset, check.value));
    }
    code.addAll(answer(1));
    return code;
  }

  private static Instruction unless(int register, int value) {
    return new Instruction(JUMP_IF_NOT, register, 0, 0, value);
  }

  @SuppressWarnings("OptionalUsedAsFieldOrParameterType") // a rule's own component
  private static void number(List<Instruction> checks, int register, OptionalLong number) {
    if (number.isPresent()) {
      checks.add(unless(register, Math.toIntExact(number.getAsLong())));
    }
  }

  private static int access(String letters) {
    return (letters.contains("r") ? READ : 0)
        | (letters.contains("w") ? WRITE : 0)
        | (letters.contains("m") ? MKNOD : 0);
  }

  private static List<Instruction> answer(int result) {
    return List.of(new Instruction(SET, RESULT, 0, 0, result), new Instruction(EXIT, 0, 0, 0, 0));
  }
}
