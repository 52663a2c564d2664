package io.onggi.launch;

/** Plans to bytes and back (PROTOCOL.md, section 2); both directions are held by golden files. */
public final class PlanCodec {
  static final byte[] MAGIC = {'O', 'N', 'G', 'P'};
  static final int VERSION = 1;

  private PlanCodec() {}

  /**
   * The plan file's bytes.
   *
   * @throws IllegalArgumentException when they would be more than 4 MiB
   */
  public static byte[] encode(LaunchPlan plan) {
    return new PlanEncoder().encode(plan);
  }

  /**
   * The plan of a plan file's bytes; refuses whatever the shim refuses.
   *
   * @throws WireException naming the entry and the reason
   */
  public static LaunchPlan decode(byte[] bytes) {
    return PlanDecoder.decode(bytes);
  }
}
