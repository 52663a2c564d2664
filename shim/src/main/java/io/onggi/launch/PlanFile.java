package io.onggi.launch;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** A plan on its way to the shim. */
final class PlanFile {
  private PlanFile() {}

  /** Mode 0600. No fsync: a plan is of no use after a crash of the machine. */
  static void write(Path file, LaunchPlan plan) {
    byte[] bytes = PlanCodec.encode(plan);
    var owner = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    try (FileChannel channel =
        FileChannel.open(file, Set.of(CREATE, TRUNCATE_EXISTING, WRITE), owner)) {
      ByteBuffer rest = ByteBuffer.wrap(bytes);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("writing plan " + file, e);
    }
  }
}
