package io.onggi.fuzz;

import io.onggi.launch.ExitRecord;
import io.onggi.launch.LaunchPlan;
import io.onggi.launch.PlanCodec;
import io.onggi.launch.WireException;
import java.nio.charset.StandardCharsets;

/** Fuzz target: what comes from a shim's folder, plans and exit records. */
public final class WireFuzz {
  private WireFuzz() {}

  /** Called by Jazzer. */
  public static void fuzzerTestOneInput(byte[] data) {
    plan(data);
    record(new String(data, StandardCharsets.ISO_8859_1));
  }

  /** What can be read can be written, and is then the same. */
  private static void plan(byte[] data) {
    LaunchPlan plan;
    try {
      plan = PlanCodec.decode(data);
    } catch (WireException _) {
      return; // refused as it should be
    }
    if (!PlanCodec.decode(PlanCodec.encode(plan)).equals(plan)) {
      throw new AssertionError("another plan when read again");
    }
  }

  private static void record(String text) {
    try {
      ExitRecord record = ExitRecord.parse(text);
      if (!ExitRecord.parse(record.text()).equals(record)) {
        throw new AssertionError("another record when read again");
      }
    } catch (WireException _) {
      return; // refused as it should be
    }
  }
}
