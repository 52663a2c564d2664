package io.onggi.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.IoEventLoop;
import java.io.IOException;

/** What the client sends on its way to a process's stdin; what the pipe does not take waits. */
final class ProcessInput extends LoopDescriptor {
  private final Inbox inbox;

  ProcessInput(IoEventLoop loop, int number, Inbox inbox) {
    super(loop, number);
    this.inbox = inbox;
  }

  @Override
  void ready() {
    try {
      ByteBuf next = inbox.peek();
      while (next != null && !isClosed()) {
        int before = next.readableBytes();
        write(next);
        int written = before - next.readableBytes();
        if (written == 0) {
          return;
        }
        inbox.took(written);
        next = inbox.peek();
      }
      if (inbox.isEnded()) {
        close();
      }
    } catch (IOException e) {
      // Nobody will read what the client still sends.
      close();
      inbox.discard();
    }
  }

  @Override
  void failed(IOException why) {
    inbox.discard();
  }
}
