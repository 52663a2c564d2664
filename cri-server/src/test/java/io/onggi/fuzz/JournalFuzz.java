package io.onggi.fuzz;

import io.onggi.sandbox.SandboxFolders;
import io.onggi.store.Journal;
import io.onggi.store.JournalException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Fuzz target: a journal whose file somebody else has written to. */
public final class JournalFuzz {
  private static final byte[] VALUE = {1};

  private JournalFuzz() {}

  /** Called by Jazzer. */
  public static void fuzzerTestOneInput(byte[] data) {
    try {
      Path folder = Files.createTempDirectory("onggi-fuzz");
      try {
        Files.write(folder.resolve("journal"), data);
        open(folder);
      } finally {
        SandboxFolders.delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("making a journal", e);
    }
  }

  /** What could be opened keeps what it has and takes more. */
  private static void open(Path folder) {
    Journal.Options options = Journal.Options.ofThisBoot(false);
    Map<String, byte[]> before;
    try (Journal journal = Journal.open(folder, options)) {
      journal.put("onggi", VALUE);
      before = journal.entries();
    } catch (JournalException _) {
      return; // refused as it should be
    }
    try (Journal journal = Journal.open(folder, options)) {
      if (!journal.entries().keySet().equals(before.keySet()) || journal.cutBytes() != 0) {
        throw new AssertionError("another journal when opened again");
      }
    }
  }
}
