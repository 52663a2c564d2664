package io.onggi.container.seccomp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.error.CriException;
import io.onggi.launch.BpfProgram;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FilterCompilerTest {
  private static final int ALLOW = 0x7fff_0000;
  private static final int EPERM = 0x0005_0001;
  private static final int ENOSYS = 0x0005_0026;
  private static final int KILL_PROCESS = 0x8000_0000;
  private static final int MKDIR = 83;
  private static final long[] EDGES = {
    0,
    1,
    2,
    0x7fff_ffffL,
    0x8000_0000L,
    0xffff_fffeL,
    0xffff_ffffL,
    0x1_0000_0000L,
    0x1_0000_0001L,
    0x1_ffff_ffffL,
    0x2_0000_0000L,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    -2,
    -1
  };

  private static SeccompProfile profile(Target target, String json) {
    return ProfileReader.read("/p.json", json.getBytes(StandardCharsets.UTF_8)).resolve(target);
  }

  private static Target target(Machine machine, String... caps) {
    return new Target(machine, Set.of(caps), 6, 18);
  }

  private static BpfInterpreter filter(String json) {
    return compiled(profile(target(Machine.X86_64), json), Machine.X86_64);
  }

  private static BpfInterpreter compiled(SeccompProfile profile, Machine machine) {
    BpfProgram program = FilterCompiler.compile(profile, machine);
    BpfInterpreter interpreter = new BpfInterpreter(program);
    interpreter.check();
    return interpreter;
  }

  private static BpfInterpreter runtimeDefault(Machine machine, String... caps) {
    return compiled(SeccompProfiles.runtimeDefault().resolve(target(machine, caps)), machine);
  }

  private static int call(BpfInterpreter filter, Machine machine, String name, long... args) {
    return filter.run(machine.audit(), SyscallTable.of(machine).number(name).orElseThrow(), args);
  }

  private static int x86(BpfInterpreter filter, String name, long... args) {
    return call(filter, Machine.X86_64, name, args);
  }

  private static boolean holds(SeccompOperator op, long arg, long value, long two) {
    int c = Long.compareUnsigned(arg, value);
    return switch (op) {
      case SCMP_CMP_NE -> c != 0;
      case SCMP_CMP_LT -> c < 0;
      case SCMP_CMP_LE -> c <= 0;
      case SCMP_CMP_EQ -> c == 0;
      case SCMP_CMP_GE -> c >= 0;
      case SCMP_CMP_GT -> c > 0;
      case SCMP_CMP_MASKED_EQ -> (arg & value) == two;
    };
  }

  @Test
  void every_operator_holds_on_all_64_bits_at_every_boundary_and_argument() {
    for (SeccompOperator op : SeccompOperator.values()) {
      for (int index = 0; index <= 5; index++) {
        for (long value : EDGES) {
          long two = value & 0x1_0000_0001L;
          BpfInterpreter filter = filter(oneArgument(op, index, value, two));
          for (long arg : EDGES) {
            long[] args = new long[6];
            args[index] = arg;
            assertEquals(
                holds(op, arg, value, two) ? EPERM : ALLOW,
                filter.run(Machine.X86_64.audit(), MKDIR, args),
                () -> op + " of " + Long.toHexString(arg) + " with " + Long.toHexString(value));
          }
        }
      }
    }
  }

  private static String oneArgument(SeccompOperator op, int index, long value, long two) {
    return """
        {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO",
         "args": [{"index": %d, "value": %s, "valueTwo": %s, "op": "%s"}]}]}"""
        .formatted(index, Long.toUnsignedString(value), Long.toUnsignedString(two), op);
  }

  @Test
  void comparisons_of_different_arguments_must_all_hold_and_of_one_argument_are_alternatives() {
    String rule =
        """
        {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO",
         "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}, {"index": %d, "value": 2, "op": "SCMP_CMP_EQ"}]}]}""";
    BpfInterpreter both = filter(rule.formatted(1));
    assertEquals(EPERM, x86(both, "mkdir", 1, 2));
    assertEquals(ALLOW, x86(both, "mkdir", 1, 3));
    assertEquals(ALLOW, x86(both, "mkdir", 2, 2));
    BpfInterpreter either = filter(rule.formatted(0));
    assertEquals(EPERM, x86(either, "mkdir", 1));
    assertEquals(EPERM, x86(either, "mkdir", 2));
    assertEquals(ALLOW, x86(either, "mkdir", 3));
  }

  @Test
  void every_action_is_the_kernels_value() {
    Map<String, Integer> values =
        Map.of(
            "SCMP_ACT_KILL", 0,
            "SCMP_ACT_KILL_THREAD", 0,
            "SCMP_ACT_KILL_PROCESS", KILL_PROCESS,
            "SCMP_ACT_TRAP", 0x0003_0000,
            "SCMP_ACT_ERRNO", EPERM,
            "SCMP_ACT_TRACE", 0x7ff0_0001,
            "SCMP_ACT_LOG", 0x7ffc_0000);
    values.forEach(
        (action, value) -> {
          BpfInterpreter filter =
              filter(
                  """
                  {"defaultAction": "SCMP_ACT_ALLOW",
                   "syscalls": [{"name": "mkdir", "action": "%s"}]}"""
                      .formatted(action));
          assertEquals(value, x86(filter, "mkdir"), action);
          assertEquals(ALLOW, x86(filter, "rmdir"));
        });
  }

  @Test
  void a_rule_without_arguments_decides_over_those_with_and_unknown_names_are_left_out() {
    BpfInterpreter filter =
        filter(
            """
            {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 13, "syscalls": [
             {"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 5,
              "args": [{"index": 0, "value": 0, "op": "SCMP_CMP_EQ"}]},
             {"names": ["mkdir", "no_such_call"], "action": "SCMP_ACT_ALLOW"}]}""");
    assertEquals(ALLOW, x86(filter, "mkdir", 0));
    assertEquals(0x0005_000d, x86(filter, "read"));
  }

  @Test
  void calls_newer_than_the_profile_do_not_exist_for_it_and_x32_and_other_machines_are_refused() {
    BpfInterpreter filter = runtimeDefault(Machine.X86_64);
    assertEquals(ENOSYS, filter.run(Machine.X86_64.audit(), 4000));
    assertEquals(ENOSYS, filter.run(Machine.X86_64.audit(), 0x4000_0000));
    assertEquals(ENOSYS, filter.run(Machine.X86_64.audit(), -1));
    assertEquals(KILL_PROCESS, filter.run(Machine.AARCH64.audit(), 0));
    BpfInterpreter open = filter("{\"defaultAction\": \"SCMP_ACT_ALLOW\"}");
    assertEquals(ENOSYS, open.run(Machine.X86_64.audit(), 0x4000_0000));
    assertEquals(KILL_PROCESS, open.run(Machine.I386.audit(), 1));
  }

  @Test
  void i386_has_its_own_numbers_and_its_socketcall_follows_the_rules_of_sockets() {
    BpfInterpreter filter =
        filter(
            """
            {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
             "syscalls": [{"names": ["socket", "mkdir"], "action": "SCMP_ACT_ERRNO"}]}""");
    assertEquals(EPERM, filter.run(Machine.I386.audit(), 39));
    assertEquals(ALLOW, filter.run(Machine.X86_64.audit(), 39));
    assertEquals(EPERM, call(filter, Machine.I386, "socket"));
    assertEquals(EPERM, call(filter, Machine.I386, "socketcall", 1));
    assertEquals(ALLOW, call(filter, Machine.I386, "socketcall", 2));
  }

  @Test
  void the_default_profile_refuses_what_leads_out_of_a_container() {
    for (Machine machine : new Machine[] {Machine.X86_64, Machine.AARCH64}) {
      BpfInterpreter filter = runtimeDefault(machine, "CAP_CHOWN", "CAP_SYS_CHROOT");
      for (String name :
          "mount umount2 unshare setns keyctl add_key bpf perf_event_open init_module kexec_load reboot pivot_root swapon io_uring_setup userfaultfd open_by_handle_at settimeofday move_mount"
              .split(" ", -1)) {
        assertEquals(EPERM, call(filter, machine, name), name + " on " + machine);
      }
      for (String name : "read execve chroot futex openat mmap seccomp ptrace".split(" ", -1)) {
        assertEquals(ALLOW, call(filter, machine, name), name + " on " + machine);
      }
      assertEquals(ENOSYS, call(filter, machine, "clone3"));
      assertEquals(ALLOW, call(filter, machine, "clone", 0x003d_0f00));
      assertEquals(EPERM, call(filter, machine, "clone", 0x1000_0011));
      assertEquals(ALLOW, call(filter, machine, "socket", 2));
      assertEquals(EPERM, call(filter, machine, "socket", 40));
      assertEquals(ALLOW, call(filter, machine, "personality", 0xffff_ffffL));
      assertEquals(EPERM, call(filter, machine, "personality", 0x0040_0000));
    }
  }

  @Test
  void a_capability_opens_its_calls_in_the_default_profile() {
    BpfInterpreter admin = runtimeDefault(Machine.X86_64, "CAP_SYS_ADMIN");
    for (String name : "mount umount2 unshare setns clone3 sethostname bpf".split(" ", -1)) {
      assertEquals(ALLOW, x86(admin, name), name);
    }
    assertEquals(ALLOW, x86(admin, "clone", 0x1000_0011));
    assertEquals(EPERM, x86(admin, "chroot"));
    assertEquals(ALLOW, x86(runtimeDefault(Machine.X86_64, "CAP_SYS_TIME"), "clock_settime"));
    assertEquals(ALLOW, x86(runtimeDefault(Machine.X86_64, "CAP_SYS_PTRACE"), "kcmp"));
    assertEquals(ALLOW, x86(runtimeDefault(Machine.X86_64, "CAP_BPF"), "bpf"));
    assertEquals(ALLOW, x86(runtimeDefault(Machine.X86_64, "CAP_PERFMON"), "perf_event_open"));
    assertEquals(ALLOW, x86(runtimeDefault(Machine.X86_64, "CAP_SYSLOG"), "syslog"));
  }

  @Test
  void a_call_costs_few_instructions_under_the_default_profile() {
    SeccompProfile profile = SeccompProfiles.runtimeDefault().resolve(target(Machine.X86_64));
    BpfInterpreter filter = compiled(profile, Machine.X86_64);
    assertTrue(FilterCompiler.compile(profile, Machine.X86_64).length() < 500);
    for (String name : "read write futex clock_gettime epoll_wait openat".split(" ", -1)) {
      assertEquals(ALLOW, x86(filter, name));
      assertTrue(filter.steps() <= 14, name + " takes " + filter.steps());
    }
  }

  @Test
  void rules_at_random_answer_as_the_profile_says() {
    Random random = new Random(7);
    Map<String, Integer> numbers = SyscallTable.of(Machine.X86_64).numbers();
    for (int round = 0; round < 50; round++) {
      Set<String> denied =
          numbers.keySet().stream().filter(_ -> random.nextInt(3) == 0).collect(Collectors.toSet());
      String names =
          denied.stream().map(n -> "\"" + n + "\"").collect(Collectors.joining(", ", "[", "]"));
      BpfInterpreter filter =
          filter(
              "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\":"
                  + " [{\"action\": \"SCMP_ACT_ERRNO\", \"names\": "
                  + names
                  + ", \"args\": [{\"index\": 5, \"value\": 9, \"op\": \"SCMP_CMP_GT\"}]}]}");
      numbers.forEach(
          (name, number) -> {
            assertEquals(
                denied.contains(name) ? EPERM : ALLOW,
                filter.run(Machine.X86_64.audit(), number, 0, 0, 0, 0, 0, 10));
            assertEquals(ALLOW, filter.run(Machine.X86_64.audit(), number, 0, 0, 0, 0, 0, 9));
          });
    }
  }

  @Test
  void a_filter_longer_than_the_kernel_takes_is_refused_with_both_numbers() {
    String rules =
        IntStream.range(0, 1500)
            .mapToObj(
                i ->
                    "{\"names\": [\"mkdir\"], \"action\": \"SCMP_ACT_ERRNO\", \"args\": [{\"index\":"
                        + " 0, \"value\": "
                        + i
                        + ", \"op\": \"SCMP_CMP_EQ\"}]}")
            .collect(Collectors.joining(",", "[", "]"));
    SeccompProfile profile =
        profile(
            target(Machine.X86_64),
            "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": " + rules + "}");
    CriException.InvalidArgument e =
        assertThrows(
            CriException.InvalidArgument.class,
            () -> FilterCompiler.compile(profile, Machine.X86_64));
    assertTrue(String.valueOf(e.getMessage()).contains("the kernel takes 4096"), e.getMessage());
    assertEquals(BigInteger.ZERO, profile.syscalls().getFirst().args().getFirst().value());
  }
}
