package io.onggi.launch;

/** A plan in words and as the shell commands a person would have typed. */
public final class PlanPrinter {
  private PlanPrinter() {}
}
