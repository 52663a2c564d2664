package io.onggi.container.seccomp;

import io.onggi.container.seccomp.Bpf.Insn;
import io.onggi.error.CriException;
import io.onggi.launch.BpfProgram;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Compiles a profile to the kernel's filter: which machine, then a balanced tree over the numbers
 * (about 7 comparisons a call), then the rules with arguments. Pure.
 *
 * <p>For one call a rule without arguments decides over those with; of several the first. A call
 * whose number is beyond all that the profile names did not exist when it was written: where the
 * default is ERRNO it gets ENOSYS, so that C libraries fall back to the older call.
 */
final class FilterCompiler {
  /** The kernel's BPF_MAXINSNS. */
  static final int MAX_INSTRUCTIONS = 4096;

  private static final int ENOSYS = 38;

  /** x86-64 numbers from here are the x32 interface's (__X32_SYSCALL_BIT). */
  private static final int X32 = 0x4000_0000;

  private static final int REFUSED = SeccompAction.SCMP_ACT_ERRNO.value(ENOSYS);

  /** All calls from {@code first} to the next range's get the same code. */
  private record Range(int first, List<Insn> code) {}

  private final SeccompProfile profile;
  private final Machine own;

  private FilterCompiler(SeccompProfile profile, Machine own) {
    this.profile = profile;
    this.own = own;
  }

  /**
   * @param own the machine that the filter is loaded on
   * @throws CriException.InvalidArgument when the filter is longer than the kernel takes
   */
  static BpfProgram compile(SeccompProfile profile, Machine own) {
    List<Insn> code = new FilterCompiler(profile, own).program();
    if (code.size() > MAX_INSTRUCTIONS) {
      throw new CriException.InvalidArgument(
          "seccomp profile compiles to "
              + code.size()
              + " instructions, the kernel takes "
              + MAX_INSTRUCTIONS
              + "; use fewer rules with args");
    }
    return BpfProgram.of(Bpf.bytes(code));
  }

  private List<Insn> program() {
    // A machine that the profile does not name could reach any call by another number.
    List<Insn> code = Bpf.answer(SeccompAction.SCMP_ACT_KILL_PROCESS.value(0));
    for (Machine machine : Machine.values()) {
      boolean named = machine == own || profile.architectures().contains(machine.scmp());
      if (named && own.runs(machine) && machine != own) {
        code = Bpf.choose(Bpf.JEQ, machine.audit(), calls(machine), code);
      }
    }
    code = Bpf.choose(Bpf.JEQ, own.audit(), calls(own), code);
    return joined(Bpf.load(Bpf.ARCH), code);
  }

  private List<Insn> calls(Machine machine) {
    List<Range> ranges = ranges(machine);
    return joined(Bpf.load(Bpf.NR), tree(ranges));
  }

  private static List<Insn> tree(List<Range> ranges) {
    if (ranges.size() == 1) {
      return ranges.getFirst().code();
    }
    int middle = ranges.size() / 2;
    return Bpf.choose(
        Bpf.JGE,
        ranges.get(middle).first(),
        tree(ranges.subList(middle, ranges.size())),
        tree(ranges.subList(0, middle)));
  }

  /** Ascending from 0; neighbours with the same code are one. */
  private List<Range> ranges(Machine machine) {
    TreeMap<Integer, List<Insn>> decisions = new TreeMap<>();
    CallRules.of(profile, machine)
        .forEach((number, rules) -> decisions.put(number, decision(rules, machine)));
    List<Range> ranges = new ArrayList<>();
    List<Insn> otherwise = Bpf.answer(profile.defaultValue());
    int next = 0;
    for (Map.Entry<Integer, List<Insn>> entry : decisions.entrySet()) {
      if (entry.getKey() > next) {
        add(ranges, next, otherwise);
      }
      add(ranges, entry.getKey(), entry.getValue());
      next = entry.getKey() + 1;
    }
    boolean refuses = profile.defaultAction() == SeccompAction.SCMP_ACT_ERRNO;
    int newest = Math.max(next, CallRules.newest(profile, machine) + 1);
    if (newest > next) {
      add(ranges, next, otherwise);
    }
    add(ranges, newest, refuses ? Bpf.answer(REFUSED) : otherwise);
    if (machine == Machine.X86_64) {
      add(ranges, X32, Bpf.answer(REFUSED));
    }
    return ranges;
  }

  private static void add(List<Range> ranges, int first, List<Insn> code) {
    if (ranges.isEmpty() || !ranges.getLast().code().equals(code)) {
      ranges.add(new Range(first, code));
    }
  }

  private List<Insn> decision(List<CallRules.Rule> rules, Machine machine) {
    for (CallRules.Rule rule : rules) {
      if (rule.args().isEmpty()) {
        return Bpf.answer(rule.value());
      }
    }
    List<Insn> code = Bpf.answer(profile.defaultValue());
    for (CallRules.Rule rule : rules.reversed()) {
      List<Insn> body = Bpf.answer(rule.value());
      List<SeccompProfile.Arg> backwards = new ArrayList<>(rule.args());
      Collections.reverse(backwards);
      for (SeccompProfile.Arg arg : backwards) {
        body = Bpf.when(arg, machine.bits(), body);
      }
      code = joined(body, code);
    }
    return code;
  }

  private static List<Insn> joined(List<Insn> first, List<Insn> second) {
    List<Insn> all = new ArrayList<>(first.size() + second.size());
    all.addAll(first);
    all.addAll(second);
    return all;
  }
}
