package io.onggi.cgroup;

import io.onggi.error.CriException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Control writes of which all happen or none. */
final class Transaction implements Cgroups.Applied {
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
        put(write, file);
      }
    }
  }

  /** Reads each old value first; on a failure writes them back, last first, and throws. */
  Transaction replace(List<ControlWrite> writes) {
    try {
      for (ControlWrite write : writes) {
        Path file = fileOf.apply(write);
        if (write.kind() == ControlWrite.Kind.UNIFIED && !Files.exists(file)) {
          throw unknown(write, file, Optional.empty());
        }
        if (write.optional() && !Files.exists(file)) {
          continue;
        }
        Undo undo = new Undo(file, ControlFiles.read(file));
        put(write, file);
        undos.push(undo);
      }
      return this;
    } catch (CriException e) {
      takeBack(e);
      throw e;
    }
  }

  private static void put(ControlWrite write, Path file) {
    try {
      ControlFiles.write(file, write.value());
    } catch (CriException e) {
      if (write.kind() == ControlWrite.Kind.UNIFIED && !Files.exists(file)) {
        throw unknown(write, file, Optional.of(e));
      }
      throw e;
    }
  }

  @SuppressWarnings("OptionalUsedAsFieldOrParameterType") // a cause that may be absent
  private static CriException unknown(ControlWrite write, Path file, Optional<CriException> cause) {
    String message =
        "unified key \""
            + write.file()
            + "\": this kernel has no such control file ("
            + file
            + "); correct its spelling or leave it out";
    return cause.isPresent()
        ? new CriException.InvalidArgument(message, cause.get())
        : new CriException.InvalidArgument(message);
  }

  @Override
  public void takeBack(RuntimeException cause) {
    while (!undos.isEmpty()) {
      Undo undo = undos.pop();
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
