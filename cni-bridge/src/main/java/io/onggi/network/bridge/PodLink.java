package io.onggi.network.bridge;

import io.onggi.error.CriException;
import io.onggi.linux.Errno;
import io.onggi.linux.LinuxException;
import io.onggi.linux.NamespaceThread;
import io.onggi.linux.Namespaces;
import io.onggi.linux.NetlinkSocket;
import io.onggi.network.ipam.Lease;
import io.onggi.network.netlink.ClientPool;
import io.onggi.network.netlink.HostNetns;
import io.onggi.network.netlink.Link;
import io.onggi.network.netlink.NetlinkClient;
import io.onggi.network.netlink.RouteMessages;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;

/** The veth pair of one sandbox: made on the node's side, configured on the pod's. */
final class PodLink {
  /** The pod's end. */
  static final String POD_INTERFACE = "eth0";

  private static final int LOOPBACK_INDEX = 1;

  /** EXFULL: the bridge has 1,023 ports (BR_MAX_PORTS in net/bridge/br_private.h). */
  private static final int BRIDGE_FULL = 54;

  private final ClientPool routes;

  PodLink(ClientPool routes) {
    this.routes = routes;
  }

  /**
   * Wires the namespace to the bridge. The node's side needs one round trip to the kernel; the
   * thread that opens a socket inside the namespace runs meanwhile.
   *
   * @throws LinuxException naming the step; what this call made is gone then, and a link that was
   *     there before (EEXIST) is as it was
   */
  void wire(Lease lease, Path netns, int bridge, int mtu) {
    int descriptor = Namespaces.openDescriptor(netns);
    try {
      FutureTask<NetlinkClient> opening =
          NamespaceThread.start("attach", Namespaces.entering(netns, PodLink::openInside));
      try {
        addPair(lease, descriptor, bridge, mtu);
      } catch (RuntimeException e) {
        closeQuietly(opening, e);
        throw e;
      }
      finish(lease, opening);
    } finally {
      Namespaces.closeDescriptor(descriptor);
    }
  }

  /** Deletes the pair; takes 20 to 30 ms, the kernel waits for an RCU grace period. Idempotent. */
  void delete(String hostInterface) {
    try {
      routes.run(client -> client.execute(RouteMessages.deleteLink(hostInterface)));
    } catch (LinuxException e) {
      if (!NetlinkClient.isAbsent(e)) {
        throw e;
      }
    }
  }

  boolean exists(String hostInterface) {
    return routes.with(client -> RouteMessages.findLink(client, hostInterface)).isPresent();
  }

  private static NetlinkClient openInside() {
    return new NetlinkClient(NetlinkSocket.open(NetlinkSocket.ROUTE, HostNetns.ANSWER_TIMEOUT));
  }

  private void addPair(Lease lease, int netns, int bridge, int mtu) {
    var pair =
        new RouteMessages.VethPair(
            lease.hostInterface(), bridge, mtu, POD_INTERFACE, netns, lease.mac());
    try {
      boolean _ =
          routes.with(
              client -> {
                client.execute(
                    List.of(
                        RouteMessages.addVeth(pair), RouteMessages.hairpin(lease.hostInterface())));
                return true;
              });
    } catch (LinuxException e) {
      if (e.is(BRIDGE_FULL)) {
        throw new CriException.ResourceExhausted(
            "the bridge has all the ports that Linux allows (1,023), none is left for sandbox "
                + lease.sandboxId()
                + "; run fewer pods on this node",
            e);
      }
      throw e;
    }
  }

  private void finish(Lease lease, FutureTask<NetlinkClient> opening) {
    try (NetlinkClient inside = NamespaceThread.join(opening)) {
      routes.run(client -> client.execute(RouteMessages.hairpin(lease.hostInterface())));
      configure(inside, lease);
    } catch (RuntimeException e) {
      Undo undo = new Undo();
      undo.push(() -> delete(lease.hostInterface()));
      undo.run(e);
      throw e;
    }
  }

  private static void configure(NetlinkClient inside, Lease lease) {
    Link link =
        RouteMessages.findLink(inside, POD_INTERFACE)
            .orElseThrow(
                () ->
                    new LinuxException(
                        "find " + POD_INTERFACE + " of", lease.sandboxId(), Errno.ENODEV));
    inside.execute(
        List.of(
            RouteMessages.setUp(LOOPBACK_INDEX, "lo"),
            RouteMessages.setUp(link.index(), POD_INTERFACE),
            RouteMessages.addAddress(link.index(), POD_INTERFACE, lease.address()),
            RouteMessages.addDefaultRoute(lease.gateway(), link.index())));
  }

  private static void closeQuietly(FutureTask<NetlinkClient> opening, RuntimeException failure) {
    try {
      NamespaceThread.join(opening).close();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }
}
