package io.onggi.container.seccomp;

/** What happens to a call; names as in OCI runtime-spec, config-linux.md. */
@SuppressWarnings("MemberName") // the names are those of the JSON
public enum SeccompAction {
  SCMP_ACT_KILL(0x0000_0000),
  SCMP_ACT_KILL_THREAD(0x0000_0000),
  SCMP_ACT_KILL_PROCESS(0x8000_0000),
  SCMP_ACT_TRAP(0x0003_0000),
  SCMP_ACT_ERRNO(0x0005_0000),
  SCMP_ACT_TRACE(0x7ff0_0000),
  SCMP_ACT_LOG(0x7ffc_0000),
  SCMP_ACT_ALLOW(0x7fff_0000);

  private final int code;

  SeccompAction(int code) {
    this.code = code;
  }

  /** SECCOMP_RET_* of linux/seccomp.h; {@code data} is the low half: an errno, or a tracer's. */
  int value(int data) {
    return takesData() ? code | data : code;
  }

  /** Whether an errnoRet says something. */
  boolean takesData() {
    return this == SCMP_ACT_ERRNO || this == SCMP_ACT_TRACE;
  }
}
