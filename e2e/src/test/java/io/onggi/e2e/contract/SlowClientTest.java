package io.onggi.e2e.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.e2e.Node;
import io.onggi.proto.ExecRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Exec's streams: a client that does not read costs nobody but its own command. */
@ExtendWith(SharedNode.class)
class SlowClientTest {
  /** Both sockets' buffers at their largest, the pipe, and one chunk of the daemon. */
  private static final long BUFFERS = 64L << 20;

  private static final long DAEMON_MAY_GROW_KIB = 32L << 10;

  private static final String WRITTEN =
      "for p in /proc/[0-9]*; do if [ \"$(cat $p/comm 2>/dev/null)\" = head ]; then"
          + " sed -n 's/^wchar: //p' $p/io; fi; done";

  private final Node node;

  SlowClientTest(Node node) {
    this.node = node;
  }

  @Test
  void c38_aClientThatReadsNothingStopsTheCommandAndNobodyElse() throws Exception {
    try (Pod pod = Pod.run(node);
        HttpClient http = HttpClient.newHttpClient()) {
      String container = pod.start("c");
      pod.sh(container, "true");
      long before = residentKib(node.pid());
      String url =
          node.cri()
              .runtime()
              .exec(
                  ExecRequest.newBuilder()
                      .setContainerId(container)
                      .addCmd("head")
                      .addCmd("-c")
                      .addCmd("1073741824")
                      .addCmd("/dev/zero")
                      .setStdout(true)
                      .build())
              .getUrl();
      assertTrue(url.matches("http://127\\.0\\.0\\.1:[0-9]+/exec/[\\w-]+"), url);
      WebSocket client =
          http.newWebSocketBuilder()
              .subprotocols("v5.channel.k8s.io")
              .buildAsync(URI.create(url.replace("http:", "ws:")), new Unread())
              .get(20, TimeUnit.SECONDS);

      long written = settled(pod, container);
      assertTrue(written < BUFFERS, written + " bytes of 1 GiB were written, nobody reads them");
      long grown = residentKib(node.pid()) - before;
      assertTrue(grown < DAEMON_MAY_GROW_KIB, "the daemon grew by " + grown + " KiB");
      assertEquals("quick", pod.sh(container, "echo quick"));

      client.abort();
      Await.until(() -> "the command still runs", () -> pod.sh(container, WRITTEN).isEmpty());
    }
  }

  /** Bytes that the command has written, once it has written some and no more come. */
  private static long settled(Pod pod, String container) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    String last = "";
    while (System.nanoTime() < deadline) {
      String now = pod.sh(container, WRITTEN);
      if (!now.isEmpty() && !now.equals("0") && now.equals(last)) {
        return Long.parseLong(now);
      }
      last = now;
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300));
    }
    throw new AssertionError("the command writes on: " + last);
  }

  private static long residentKib(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }

  /** Asks for no message, ever, so the client's socket is read no more than it has to be. */
  private static final class Unread implements WebSocket.Listener {
    @Override
    public void onOpen(WebSocket socket) {
      // The default would ask for the first message.
    }
  }
}
