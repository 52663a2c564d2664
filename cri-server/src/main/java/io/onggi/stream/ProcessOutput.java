package io.onggi.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.IoEventLoop;
import io.onggi.launch.DirectExec;
import java.io.IOException;

/**
 * A process's output on its way to the client: what the kernel gives is sent before more is read,
 * so that a client which does not read fills its socket, then the pipe, and stops the process.
 */
final class ProcessOutput extends LoopDescriptor {
  /** Chunks, before other connections get their turn. */
  private static final int TURN = 8;

  private final CommandClient client;
  private final CommandClient.Outlet outlet;
  private final StreamMemory memory;
  private final Runnable atEnd;
  private boolean sending;
  private boolean draining;
  private long drained;

  /**
   * @param atEnd called once, when nothing more will be sent
   */
  ProcessOutput(
      IoEventLoop loop,
      int number,
      CommandClient client,
      CommandClient.Outlet outlet,
      Runnable atEnd) {
    super(loop, number);
    this.client = client;
    this.outlet = outlet;
    this.memory = client.link().memory();
    this.atEnd = atEnd;
  }

  /** The process has ended: reads what is there now, whoever else may hold the pipe open. */
  void drain() {
    draining = true;
    ready();
  }

  @Override
  void ready() {
    for (int i = 0; i < TURN; i++) {
      if (sending || isClosed()) {
        return;
      }
      if (draining && drained >= DirectExec.DRAIN_LIMIT) {
        end();
        return;
      }
      if (!move()) {
        return;
      }
    }
    loop().execute(this::ready);
  }

  /** One chunk; false when there is none. */
  private boolean move() {
    ByteBuf chunk = memory.chunk();
    int count;
    try {
      count = read(chunk);
    } catch (IOException _) {
      count = -1; // so a terminal ends
    }
    if (count <= 0) {
      memory.reuse(chunk);
      if (count < 0 || draining) {
        end();
      }
      return false;
    }
    drained += draining ? count : 0;
    ChannelFuture sent = client.push(outlet, chunk.retain());
    if (sent.isDone()) {
      memory.reuse(chunk);
      return true;
    }
    int size = chunk.capacity();
    boolean _ = chunk.release();
    memory.hold(size);
    sending = true;
    sent.addListener(
        _ -> {
          memory.give(size);
          sending = false;
          ready();
        });
    return true;
  }

  private void end() {
    close();
    atEnd.run();
  }

  @Override
  void failed(IOException why) {
    atEnd.run();
  }
}
