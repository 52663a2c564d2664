package io.onggi.launch.testing;

import io.onggi.launch.DirectExec;
import io.onggi.launch.ExecResult;
import io.onggi.linux.LocalSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Execs on real descriptors, with the process and the shim played by a test. */
public final class FakeDirectExecs {
  private static final short EXEC_EXITED = 0x86;

  private FakeDirectExecs() {}

  /** One that has ended already: its outputs, small enough for a socket's buffer, wait. */
  static DirectExec ended(int pid, ExecResult result) {
    List<LocalSocket> control = LocalSocket.pair();
    try (LocalSocket shim = control.get(1)) {
      shim.send(exited(result.exitCode()));
    }
    return new DirectExec(
        pid,
        control.get(0).release(),
        DirectExec.NONE,
        output(result.stdout()),
        output(result.stderr()));
  }

  private static int output(byte[] bytes) {
    List<LocalSocket> ends = LocalSocket.pair();
    try (LocalSocket process = ends.get(1)) {
      process.send(bytes);
    }
    return ends.get(0).release();
  }

  /** The frame with which a shim tells a process's end. */
  public static byte[] exited(int code) {
    return ByteBuffer.allocate(16)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(8)
        .putShort(EXEC_EXITED)
        .putShort((short) 0)
        .putInt(code)
        .putInt(0)
        .array();
  }
}
