package io.onggi.network.netlink;

import io.onggi.linux.Namespaces;
import io.onggi.linux.NetlinkSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;

/**
 * The network namespace that plays the node: where the bridge, the routes and the nftables table
 * are. Sockets and sysctls are opened through it, because both belong to the namespace of the
 * thread that opens them.
 */
public sealed interface HostNetns {
  /** Longest wait for one answer; the kernel may hold its RTNL lock for seconds under load. */
  Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);

  /** Runs {@code work} on a thread that is inside. */
  <T> T call(Callable<T> work);

  /** The namespace of the process itself. */
  static HostNetns own() {
    return new Own();
  }

  /** A pinned namespace; a test's "node", or a node whose pods live elsewhere. */
  static HostNetns at(Path netns) {
    return new Pinned(netns);
  }

  default NetlinkClient open(int protocol) {
    return call(() -> new NetlinkClient(NetlinkSocket.open(protocol, ANSWER_TIMEOUT)));
  }

  /** The namespace that every thread of this process is in. */
  record Own() implements HostNetns {
    @Override
    public <T> T call(Callable<T> work) {
      try {
        return work.call();
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e.getMessage(), e);
      }
    }
  }

  /** Another namespace, entered by a thread that ends. */
  record Pinned(Path netns) implements HostNetns {
    @Override
    public <T> T call(Callable<T> work) {
      return Namespaces.callIn(netns, work);
    }
  }
}
