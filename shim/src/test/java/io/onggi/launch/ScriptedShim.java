package io.onggi.launch;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** The shim's side of the control socket, written from PROTOCOL.md: one scripted answer a frame. */
final class ScriptedShim implements AutoCloseable {
  private final ServerSocketChannel server;
  private final Function<Frame, List<Frame>> script;
  private final List<Frame> heard = new CopyOnWriteArrayList<>();

  ScriptedShim(Path socket, Function<Frame, List<Frame>> script) throws IOException {
    this.script = script;
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    Thread.ofVirtual().start(this::serve);
  }

  List<Frame> heard() {
    return List.copyOf(heard);
  }

  private void serve() {
    try {
      while (true) {
        SocketChannel client = server.accept();
        Thread.ofVirtual().start(() -> talk(client));
      }
    } catch (IOException _) {
      // closed: the test is over
    }
  }

  private void talk(SocketChannel client) {
    try (client) {
      while (true) {
        ByteBuffer header = read(client, Frame.HEADER);
        int length = header.getInt();
        Frame question = new Frame(header.getShort(), read(client, length).array());
        heard.add(question);
        for (Frame answer : script.apply(question)) {
          ByteBuffer bytes = ByteBuffer.allocate(Frame.HEADER + answer.payload().length);
          bytes.order(ByteOrder.LITTLE_ENDIAN).putInt(answer.payload().length);
          bytes.putShort((short) answer.type()).putShort((short) 0).put(answer.payload()).flip();
          client.write(bytes);
        }
      }
    } catch (IOException _) {
      // the client is gone
    }
  }

  private static ByteBuffer read(SocketChannel client, int length) throws IOException {
    ByteBuffer into = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (into.hasRemaining()) {
      if (client.read(into) < 0) {
        throw new IOException("closed");
      }
    }
    return into.flip();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
