package io.onggi.container.seccomp;

/** How an argument is compared, unsigned; names as in OCI runtime-spec, config-linux.md. */
public enum SeccompOperator {
  SCMP_CMP_NE,
  SCMP_CMP_LT,
  SCMP_CMP_LE,
  SCMP_CMP_EQ,
  SCMP_CMP_GE,
  SCMP_CMP_GT,
  /** (argument & value) == valueTwo. */
  SCMP_CMP_MASKED_EQ
}
