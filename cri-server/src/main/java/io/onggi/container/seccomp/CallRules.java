package io.onggi.container.seccomp;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/** A profile's rules by the numbers of a machine; names that it does not have are left out. */
final class CallRules {
  /** i386's older way to the same calls: first argument of socketcall (linux/net.h). */
  private static final Map<String, Integer> SOCKETCALL =
      Map.ofEntries(
          Map.entry("socket", 1),
          Map.entry("bind", 2),
          Map.entry("connect", 3),
          Map.entry("listen", 4),
          Map.entry("getsockname", 6),
          Map.entry("getpeername", 7),
          Map.entry("socketpair", 8),
          Map.entry("sendto", 11),
          Map.entry("recvfrom", 12),
          Map.entry("shutdown", 13),
          Map.entry("setsockopt", 14),
          Map.entry("getsockopt", 15),
          Map.entry("sendmsg", 16),
          Map.entry("recvmsg", 17),
          Map.entry("accept4", 18),
          Map.entry("recvmmsg", 19),
          Map.entry("sendmmsg", 20));

  /** What the filter returns when all of {@code args} hold. */
  record Rule(int value, List<SeccompProfile.Arg> args) {
    Rule {
      args = List.copyOf(args);
    }
  }

  private CallRules() {}

  static Map<Integer, List<Rule>> of(SeccompProfile profile, Machine machine) {
    SyscallTable table = SyscallTable.of(machine);
    Map<Integer, List<Rule>> calls = new TreeMap<>();
    for (SeccompProfile.Syscall syscall : profile.syscalls()) {
      if (syscall.value() == profile.defaultValue()) {
        continue; // says what holds anyway
      }
      for (String name : syscall.names()) {
        OptionalInt number = table.number(name);
        if (number.isPresent()) {
          List<Rule> list = calls.computeIfAbsent(number.getAsInt(), _ -> new ArrayList<>());
          alternatives(syscall).forEach(args -> list.add(new Rule(syscall.value(), args)));
        }
      }
      if (machine == Machine.I386) {
        addSocketcalls(syscall, table, calls);
      }
    }
    return calls;
  }

  /** The highest number that the profile names at all, with whatever action. */
  static int newest(SeccompProfile profile, Machine machine) {
    SyscallTable table = SyscallTable.of(machine);
    return profile.syscalls().stream()
        .flatMap(s -> s.names().stream())
        .mapToInt(name -> table.number(name).orElse(-1))
        .max()
        .orElse(-1);
  }

  /** Comparisons of one argument twice are alternatives (as runc reads it), else all must hold. */
  private static List<List<SeccompProfile.Arg>> alternatives(SeccompProfile.Syscall syscall) {
    Set<Integer> seen = new HashSet<>();
    boolean twice = syscall.args().stream().anyMatch(arg -> !seen.add(arg.index()));
    return twice
        ? syscall.args().stream().map(List::of).toList()
        : List.of(List.copyOf(syscall.args()));
  }

  /** Behind socketcall the arguments lie in memory, so only rules without any can be kept there. */
  private static void addSocketcalls(
      SeccompProfile.Syscall syscall, SyscallTable table, Map<Integer, List<Rule>> calls) {
    if (!syscall.args().isEmpty()) {
      return;
    }
    OptionalInt socketcall = table.number("socketcall");
    for (String name : syscall.names()) {
      Integer which = SOCKETCALL.get(name);
      if (which != null && socketcall.isPresent()) {
        SeccompProfile.Arg arg =
            new SeccompProfile.Arg(
                0, BigInteger.valueOf(which), BigInteger.ZERO, SeccompOperator.SCMP_CMP_EQ);
        calls
            .computeIfAbsent(socketcall.getAsInt(), _ -> new ArrayList<>())
            .add(new Rule(syscall.value(), List.of(arg)));
      }
    }
  }
}
