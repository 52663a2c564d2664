package io.onggi.cgroup;

import io.onggi.error.CriException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;

/** Control writes of which all happen or none. */
final class Transaction {
  private record Undo(Path file, String before) {}

  private final Function<ControlWrite, Path> fileOf;
  private final Deque<Undo> undos = new ArrayDeque<>();

  /**
   * @param fileOf where a write goes
   */
  Transaction(Function<ControlWrite, Path> fileOf) {
    this.fileOf = fileOf;
  }

  /** Without a way back, for a new cgroup, which goes as a whole if this fails. */
  void write(List<ControlWrite> writes) {
    for (ControlWrite write : writes) {
      Path file = fileOf.apply(write);
      if (!write.optional() || Files.exists(file)) {
        ControlFiles.write(file, write.value());
      }
    }
  }

  /** Reads each old value first; on a failure writes them back, last first, and throws. */
  void replace(List<ControlWrite> writes) {
    try {
      for (ControlWrite write : writes) {
        Path file = fileOf.apply(write);
        if (write.optional() && !Files.exists(file)) {
          continue;
        }
        Undo undo = new Undo(file, ControlFiles.read(file));
        ControlFiles.write(file, write.value());
        undos.push(undo);
      }
    } catch (CriException e) {
      rollBack(e);
      throw e;
    }
  }

  private void rollBack(CriException cause) {
    for (Undo undo : undos) {
      try {
        // a file of many lines (io.max) takes one line per write
        for (String line : undo.before().split("\n", -1)) {
          ControlFiles.write(undo.file(), line);
        }
      } catch (CriException e) {
        cause.addSuppressed(e);
      }
    }
  }
}
