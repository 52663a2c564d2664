package io.onggi.daemon;

import io.onggi.error.CriException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Finds out whether somebody listens on a unix socket, and who. */
final class SocketOwner {
  private static final int INODE_COLUMN = 6;
  private static final int PATH_COLUMN = 7;

  private SocketOwner() {}

  /**
   * @throws CriException.FailedPrecondition naming the process that listens there
   */
  static void refuseIfTaken(Path socket) {
    if (!Files.exists(socket)) {
      return;
    }
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException _) {
      return; // a leftover of a daemon that was killed
    }
    throw new CriException.FailedPrecondition(
        "socket "
            + socket
            + " is in use by "
            + holder(socket).orElse("another process")
            + "; stop it, or choose another --socket");
  }

  private static Optional<String> holder(Path socket) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/net/unix"))) {
        String[] column = line.trim().split("\\s+");
        if (column.length > PATH_COLUMN && column[PATH_COLUMN].equals(socket.toString())) {
          Optional<String> process = processWith("socket:[" + column[INODE_COLUMN] + "]");
          if (process.isPresent()) {
            return process;
          }
        }
      }
    } catch (IOException _) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  private static Optional<String> processWith(String link) throws IOException {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        if (holds(process, link)) {
          String name = Files.readString(process.resolve("comm")).strip();
          return Optional.of(name + " (pid " + process.getFileName() + ")");
        }
      }
    }
    return Optional.empty();
  }

  private static boolean holds(Path process, String link) {
    try (DirectoryStream<Path> open = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path fd : open) {
        if (pointsTo(fd, link)) {
          return true;
        }
      }
    } catch (IOException | DirectoryIteratorException _) {
      return false; // the process ended meanwhile
    }
    return false;
  }

  private static boolean pointsTo(Path fd, String link) {
    try {
      return Files.readSymbolicLink(fd).toString().equals(link);
    } catch (IOException _) {
      return false; // closed meanwhile; the others are still to be looked at
    }
  }
}
