package io.onggi.launch;

import io.onggi.linux.LocalSocket;
import java.util.Optional;

/**
 * A running exec whose pipes were handed over: numbers of descriptors, none of which blocks. The
 * holder reads and writes them, and closes all.
 *
 * @param pid host view
 * @param control the connection to the shim: it brings an {@link End}, takes {@link #resize} and
 *     when closed kills what still runs of the exec
 * @param stdin -1: not asked for, as for the other two
 */
public record DirectExec(int pid, int control, int stdin, int stdout, int stderr)
    implements AutoCloseable {
  public static final int NONE = -1;

  /** What a pipe may hold: so much of each output is read at most after the {@link End}. */
  public static final int DRAIN_LIMIT = 1 << 20;

  /** Bytes for {@link #control} that resize the terminal; characters, 0..65535. */
  public static byte[] resize(int rows, int columns) {
    return SocketExec.resizeFrame(rows, columns).encoded();
  }

  /** Closes every descriptor: for a holder that has not begun to use them. */
  @Override
  public void close() {
    for (int number : new int[] {control, stdin, stdout, stderr}) {
      LocalSocket.closeNumber(number);
    }
  }

  /** Reads {@link #control}'s bytes as they come, cut anywhere. */
  public static final class End {
    private static final int RESULT = 8;

    private final byte[] frame = new byte[Frame.HEADER + RESULT];
    private int have;

    /**
     * Takes one byte.
     *
     * @return how the process ended, with the last byte that it takes to say so; what it wrote is
     *     in its pipes by then
     * @throws WireException for anything but that end
     */
    public Optional<ExecEvent.Exited> take(byte next) {
      if (have == frame.length) {
        throw new WireException("exec: bytes after its end");
      }
      frame[have++] = next;
      if (have < frame.length) {
        return Optional.empty();
      }
      WireReader in = new WireReader(frame);
      long length = in.u32();
      int type = in.u16();
      if (type != Frame.EXEC_EXITED || length != RESULT || in.u16() != 0) {
        throw new WireException("exec: frame of type 0x%x and length %d".formatted(type, length));
      }
      ExecEvent event =
          SocketExec.event(
              new Frame(type, java.util.Arrays.copyOfRange(frame, Frame.HEADER, frame.length)));
      return Optional.of((ExecEvent.Exited) event);
    }
  }
}
