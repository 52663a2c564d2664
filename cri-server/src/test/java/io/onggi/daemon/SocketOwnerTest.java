package io.onggi.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.onggi.error.CriException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SocketOwnerTest {
  @TempDir private Path folder;

  @Test
  void theProcessThatListensIsNamed() throws IOException {
    Path socket = folder.resolve("onggi.sock");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      String name = Files.readString(Path.of("/proc/self/comm")).strip();
      assertEquals(
          "socket "
              + socket
              + " is in use by "
              + name
              + " (pid "
              + ProcessHandle.current().pid()
              + "); stop it, or choose another --socket",
          assertThrows(
                  CriException.FailedPrecondition.class, () -> SocketOwner.refuseIfTaken(socket))
              .getMessage());
    }
    SocketOwner.refuseIfTaken(socket); // a leftover: nobody listens any more
  }

  @Test
  void aMissingSocketAndAPlainFileAreNobodys() throws IOException {
    SocketOwner.refuseIfTaken(folder.resolve("none"));
    SocketOwner.refuseIfTaken(Files.writeString(folder.resolve("file"), "x"));
  }
}
