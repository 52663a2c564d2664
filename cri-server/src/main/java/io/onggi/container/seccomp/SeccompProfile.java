package io.onggi.container.seccomp;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

/**
 * A profile as it stands in config.json at linux.seccomp (OCI runtime-spec, config-linux.md);
 * component names are the JSON names. It holds for one machine and one set of capabilities.
 *
 * @param architectures SCMP_ARCH_*; the machine's own is always meant too
 * @param flags SECCOMP_FILTER_FLAG_*
 */
public record SeccompProfile(
    SeccompAction defaultAction,
    Optional<Integer> defaultErrnoRet,
    List<String> architectures,
    List<String> flags,
    List<Syscall> syscalls) {
  /** EPERM: what ERRNO and TRACE carry when the profile names no number. */
  static final int EPERM = 1;

  public SeccompProfile {
    architectures = List.copyOf(architectures);
    flags = List.copyOf(flags);
    syscalls = List.copyOf(syscalls);
  }

  /** The value that the filter returns for what no rule names. */
  int defaultValue() {
    return defaultAction.value(defaultErrnoRet.orElse(EPERM));
  }

  /** One action for some calls, when all of {@code args} hold. */
  public record Syscall(
      List<String> names, SeccompAction action, Optional<Integer> errnoRet, List<Arg> args) {
    public Syscall {
      names = List.copyOf(names);
      args = List.copyOf(args);
    }

    int value() {
      return action.value(errnoRet.orElse(EPERM));
    }
  }

  /**
   * A comparison of argument {@code index}, 0..5.
   *
   * @param value unsigned, 64 bits; the mask of MASKED_EQ
   * @param valueTwo unsigned, 64 bits; only for MASKED_EQ
   */
  public record Arg(int index, BigInteger value, BigInteger valueTwo, SeccompOperator op) {}
}
