package io.onggi.fuzz;

import io.onggi.image.content.BadContent;
import io.onggi.image.tar.TarReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/** Fuzz target: layers and image archives. */
public final class TarFuzz {
  private TarFuzz() {}

  /** Called by Jazzer. */
  public static void fuzzerTestOneInput(byte[] data) {
    TarReader reader = new TarReader(new ByteArrayInputStream(data));
    byte[] buffer = new byte[512];
    long total = 0;
    try {
      while (reader.next() != null) {
        for (int n = reader.read(buffer, 0, 512); n > 0; n = reader.read(buffer, 0, 512)) {
          total += n;
        }
      }
    } catch (BadContent | IOException _) {
      return; // refused as it should be
    }
    if (total > data.length) {
      throw new AssertionError("more data than there are bytes: " + total);
    }
  }
}
