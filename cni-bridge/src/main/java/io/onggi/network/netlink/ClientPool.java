package io.onggi.network.netlink;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Lends clients of one protocol in the node's namespace, so that many pods are wired at once
 * without a lock of ours; sockets are kept for reuse. Thread-safe.
 */
public final class ClientPool implements AutoCloseable {
  private final HostNetns host;
  private final int protocol;
  private final ConcurrentLinkedDeque<NetlinkClient> idle = new ConcurrentLinkedDeque<>();
  private volatile boolean closed;

  public ClientPool(HostNetns host, int protocol) {
    this.host = host;
    this.protocol = protocol;
  }

  /** Runs {@code work} with a client that nobody else uses meanwhile. */
  public <T> T with(Function<NetlinkClient, T> work) {
    NetlinkClient pooled = idle.pollFirst();
    NetlinkClient client = pooled != null ? pooled : host.open(protocol);
    try {
      return work.apply(client);
    } finally {
      giveBack(client);
    }
  }

  /** As {@link #with}, for work without a result. */
  public void run(Consumer<NetlinkClient> work) {
    boolean _ =
        with(
            client -> {
              work.accept(client);
              return true;
            });
  }

  private void giveBack(NetlinkClient client) {
    if (closed) {
      client.close();
      return;
    }
    idle.addFirst(client);
    if (closed) {
      close();
    }
  }

  /** Closes idle sockets now and lent ones when they come back. */
  @Override
  public void close() {
    closed = true;
    for (NetlinkClient c = idle.pollFirst(); c != null; c = idle.pollFirst()) {
      c.close();
    }
  }
}
