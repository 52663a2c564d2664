package io.onggi.container.seccomp;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Names and numbers of a machine's system calls, from the kernel's headers (asm/unistd_64.h,
 * asm/unistd_32.h, asm-generic/unistd.h; those since 6.1 from the kernel's syscall.tbl).
 */
final class SyscallTable {
  private static final Map<Machine, SyscallTable> ALL = readAll();

  private final Map<String, Integer> numbers;

  private SyscallTable(Map<String, Integer> numbers) {
    this.numbers = Map.copyOf(numbers);
  }

  static SyscallTable of(Machine machine) {
    SyscallTable table = ALL.get(machine);
    if (table == null) {
      throw new IllegalStateException("no system call table for " + machine);
    }
    return table;
  }

  /** Empty: this machine has no such call, or it is newer than the table. */
  OptionalInt number(String name) {
    Integer number = numbers.get(name);
    return number == null ? OptionalInt.empty() : OptionalInt.of(number);
  }

  Map<String, Integer> numbers() {
    return numbers;
  }

  private static Map<Machine, SyscallTable> readAll() {
    Map<Machine, SyscallTable> all = new EnumMap<>(Machine.class);
    for (Machine machine : Machine.values()) {
      all.put(machine, read("syscalls-" + machine.table() + ".txt"));
    }
    return all;
  }

  private static SyscallTable read(String resource) {
    try (InputStream in = SyscallTable.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("resource " + resource + " is missing in this build");
      }
      Map<String, Integer> numbers = new HashMap<>();
      new String(in.readAllBytes(), StandardCharsets.US_ASCII)
          .lines()
          .map(line -> line.split(" ", 2))
          .forEach(pair -> numbers.put(pair[0], Integer.valueOf(pair[1])));
      return new SyscallTable(numbers);
    } catch (IOException e) {
      throw new UncheckedIOException("reading resource " + resource, e);
    }
  }
}
