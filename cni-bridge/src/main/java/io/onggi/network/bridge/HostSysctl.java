package io.onggi.network.bridge;

import io.onggi.error.CriException;
import io.onggi.network.netlink.HostNetns;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Sysctls of the node's network namespace: /proc/sys/net shows that of the calling thread. */
final class HostSysctl {
  private final HostNetns host;

  HostSysctl(HostNetns host) {
    this.host = host;
  }

  /** Sets {@code file} (under /proc/sys/net) to 1 unless it is. */
  void enable(String file) {
    Path path = Path.of("/proc/sys/net", file);
    boolean _ =
        host.call(
            () -> {
              try {
                if (!isOne(path)) {
                  Files.writeString(path, "1", StandardOpenOption.WRITE);
                }
                return true;
              } catch (IOException e) {
                throw new CriException.Internal("set " + path + " to 1: " + e, e);
              }
            });
  }

  /** In one read(2): a second one finds a sysctl at its end. */
  private static boolean isOne(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      byte[] text = new byte[16];
      int length = Math.max(in.read(text), 0);
      return new String(text, 0, length, StandardCharsets.US_ASCII).strip().equals("1");
    }
  }
}
