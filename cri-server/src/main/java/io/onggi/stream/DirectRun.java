package io.onggi.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.IoEventLoop;
import io.onggi.launch.DirectExec;
import io.onggi.launch.ExecEvent;
import io.onggi.launch.WireException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A command whose pipes are ours: all its bytes move on the client's event loop, without a thread
 * of their own and without passing the shim.
 */
final class DirectRun {
  private static final Logger LOG = Logger.getLogger("io.onggi.stream");

  private final String subject;
  private final Supplier<DirectExec> opener;
  private final CommandClient client;
  private final IoEventLoop loop;
  private final List<LoopDescriptor> descriptors = new ArrayList<>();
  private final List<ProcessOutput> outputs = new ArrayList<>();
  private Optional<CommandStatus> status = Optional.empty();
  private int open;
  private boolean over;

  DirectRun(String subject, Supplier<DirectExec> opener, CommandClient client) {
    this.subject = subject;
    this.opener = opener;
    this.client = client;
    this.loop = (IoEventLoop) client.link().loop();
  }

  /** Parks until the command runs; for a virtual thread. */
  void start() {
    DirectExec exec;
    try {
      exec = opener.get();
    } catch (RuntimeException e) {
      // The client is told; the log is for those who look for more.
      LOG.log(Level.FINE, subject + ": " + e.getMessage(), e);
      loop.execute(() -> end(new CommandStatus.Failed(subject + ": " + e.getMessage())));
      return;
    }
    loop.execute(() -> run(exec));
  }

  private void run(DirectExec exec) {
    Control control = new Control(exec.control());
    descriptors.add(control);
    output(exec.stdout(), CommandClient.Outlet.STDOUT);
    output(exec.stderr(), CommandClient.Outlet.STDERR);
    if (exec.stdin() == DirectExec.NONE) {
      client.stdin().discard();
    } else {
      ProcessInput stdin = new ProcessInput(loop, exec.stdin(), client.stdin());
      descriptors.add(stdin);
      client.stdin().onChange(stdin::ready);
    }
    open = outputs.size();
    client.resizes().onChange(control::resize);
    client.link().closed().addListener(_ -> close());
    for (LoopDescriptor descriptor : List.copyOf(descriptors)) {
      descriptor.listen();
    }
  }

  private void output(int number, CommandClient.Outlet outlet) {
    if (number != DirectExec.NONE) {
      ProcessOutput output = new ProcessOutput(loop, number, client, outlet, this::outputEnded);
      outputs.add(output);
      descriptors.add(output);
    }
  }

  private void outputEnded() {
    open--;
    endIfDone();
  }

  private void exited(CommandStatus how) {
    if (status.isPresent()) {
      return;
    }
    status = Optional.of(how);
    List.copyOf(outputs).forEach(ProcessOutput::drain);
    endIfDone();
  }

  private void endIfDone() {
    if (open == 0 && status.isPresent()) {
      end(status.get());
    }
  }

  private void end(CommandStatus how) {
    if (!over) {
      close();
      client.end(how);
    }
  }

  /** Whatever still runs of the command is killed by it. Idempotent. */
  private void close() {
    over = true;
    descriptors.forEach(LoopDescriptor::close);
    client.stdin().discard();
    client.resizes().discard();
  }

  /** The connection to the shim. */
  private final class Control extends LoopDescriptor {
    private final DirectExec.End end = new DirectExec.End();
    private final TerminalSizes sizes = new TerminalSizes();

    Control(int number) {
      super(DirectRun.this.loop, number);
    }

    @Override
    void ready() {
      ByteBuf bytes = Unpooled.directBuffer(64, 64);
      try {
        int count = read(bytes);
        while (bytes.isReadable()) {
          Optional<ExecEvent.Exited> told = end.take(bytes.readByte());
          if (told.isPresent()) {
            exited(new CommandStatus.Exited(told.get().exitCode()));
            return;
          }
        }
        if (count < 0) {
          exited(new CommandStatus.Failed(subject + ": the container's shim has gone"));
        }
      } catch (IOException | WireException e) {
        exited(new CommandStatus.Failed(subject + ": its shim: " + e.getMessage()));
      } finally {
        boolean _ = bytes.release();
      }
    }

    void resize() {
      ByteBuf next = client.resizes().peek();
      while (next != null) {
        int count = next.readableBytes();
        sizes.read(next.nioBuffer()).ifPresent(this::tell);
        next.skipBytes(count);
        client.resizes().took(count);
        next = client.resizes().peek();
      }
    }

    private void tell(TerminalSizes.Size size) {
      ByteBuf frame = Unpooled.directBuffer(32);
      try {
        frame.writeBytes(DirectExec.resize(size.rows(), size.columns()));
        write(frame);
      } catch (IOException e) {
        LOG.log(Level.FINE, "{0}: resizing: {1}", new Object[] {subject, e.getMessage()});
      } finally {
        boolean _ = frame.release();
      }
    }

    @Override
    void failed(IOException why) {
      exited(new CommandStatus.Failed(subject + ": " + why.getMessage()));
    }
  }
}
