package io.onggi.container.seccomp;

import java.util.Optional;

/**
 * A way to call the kernel: its AUDIT_ARCH_* (linux/audit.h), its names in profiles, its numbers.
 */
enum Machine {
  X86_64(0xC000_003E, "SCMP_ARCH_X86_64", "amd64", 64, "x86_64"),
  I386(0x4000_0003, "SCMP_ARCH_X86", "x86", 32, "i386"),
  AARCH64(0xC000_00B7, "SCMP_ARCH_AARCH64", "arm64", 64, "aarch64");

  private final int audit;
  private final String scmp;
  private final String goName;
  private final int bits;
  private final String table;

  Machine(int audit, String scmp, String goName, int bits, String table) {
    this.audit = audit;
    this.scmp = scmp;
    this.goName = goName;
    this.bits = bits;
    this.table = table;
  }

  /** The machine this daemon runs on. */
  static Machine current() {
    String arch = System.getProperty("os.arch", "");
    return switch (arch) {
      case "amd64", "x86_64" -> X86_64;
      case "aarch64" -> AARCH64;
      default -> throw new IllegalStateException("no system call table for machine " + arch);
    };
  }

  static Optional<Machine> ofScmp(String name) {
    for (Machine machine : values()) {
      if (machine.scmp.equals(name)) {
        return Optional.of(machine);
      }
    }
    return Optional.empty();
  }

  /** Whether a kernel of this machine also takes calls of the other. */
  boolean runs(Machine other) {
    return other == this || (this == X86_64 && other == I386);
  }

  int audit() {
    return audit;
  }

  String scmp() {
    return scmp;
  }

  /** As in the includes and excludes of Docker's profiles. */
  String goName() {
    return goName;
  }

  /** Of an argument: 32 or 64. */
  int bits() {
    return bits;
  }

  String table() {
    return table;
  }
}
