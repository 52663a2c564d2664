package io.onggi.network.bridge;

import com.google.common.hash.Hashing;
import io.onggi.error.CriException;
import io.onggi.linux.Errno;
import io.onggi.linux.LinuxException;
import io.onggi.network.IpPrefix;
import io.onggi.network.MacAddress;
import io.onggi.network.netlink.ClientPool;
import io.onggi.network.netlink.Link;
import io.onggi.network.netlink.NetlinkClient;
import io.onggi.network.netlink.RouteMessages;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** The bridge itself. Every method is idempotent. */
final class BridgeDevice {
  private static final int DEFAULT_MTU = 1500;
  private static final int EADDRNOTAVAIL = 99;

  /** Locally administered, unicast; the other bits come from the name and so stay the same. */
  private static final long MAC_PREFIX = 0x0e6f_0000_0000L;

  private final BridgeConfig config;
  private final ClientPool routes;

  BridgeDevice(BridgeConfig config, ClientPool routes) {
    this.config = config;
    this.routes = routes;
  }

  /**
   * Makes the bridge if it is missing, sets it up, gives it the gateway addresses.
   *
   * @param gateways with their prefix length
   * @throws CriException.FailedPrecondition if a link of that name is something else
   */
  Link ensure(Collection<IpPrefix> gateways) {
    return routes.with(
        client -> {
          Link link = find(client).orElseGet(() -> create(client));
          if (!link.kind().equals("bridge")) {
            throw new CriException.FailedPrecondition(
                "interface "
                    + link.name()
                    + " exists and is no bridge; choose another name with --bridge");
          }
          var requests =
              new ArrayList<>(
                  gateways.stream()
                      .map(g -> RouteMessages.addAddress(link.index(), link.name(), g))
                      .toList());
          if (!link.up()) {
            requests.add(RouteMessages.setUp(link.index(), link.name()));
          }
          if (!requests.isEmpty()) {
            client.execute(requests);
          }
          return link;
        });
  }

  /** Empty if there is no bridge. */
  OptionalInt index() {
    return routes.with(this::find).stream().mapToInt(Link::index).findFirst();
  }

  /** True if the bridge is there and up under that index. */
  boolean isUp(int index) {
    return routes
        .with(client -> find(client).filter(l -> l.up() && l.index() == index))
        .isPresent();
  }

  /** False if the link is a port of somebody else's bridge: another instance's pod. */
  boolean mayOwn(String link, int index) {
    return routes
        .with(client -> RouteMessages.findLink(client, link))
        .map(found -> found.master().orElse(index) == index)
        .orElse(true);
  }

  void removeGateway(int index, IpPrefix gateway) {
    tolerateAbsence(
        client -> client.execute(RouteMessages.deleteAddress(index, config.bridge(), gateway)));
  }

  void delete() {
    tolerateAbsence(client -> client.execute(RouteMessages.deleteLink(config.bridge())));
  }

  /** Names of our links that are ports of the bridge. */
  List<String> ports(int index) {
    return routes.with(RouteMessages::allLinks).stream()
        .filter(link -> link.master().orElse(0) == index)
        .map(Link::name)
        .filter(name -> name.startsWith(LinkNames.PREFIX))
        .toList();
  }

  /**
   * Makes an existing link a port again, after the bridge was made anew; absent ones are passed.
   */
  void enslave(String port, int index) {
    tolerateAbsence(
        client ->
            client.execute(
                List.of(RouteMessages.enslave(port, index), RouteMessages.hairpin(port))));
  }

  private void tolerateAbsence(Consumer<NetlinkClient> work) {
    try {
      routes.run(work);
    } catch (LinuxException e) {
      if (!NetlinkClient.isAbsent(e) && !e.is(EADDRNOTAVAIL)) {
        throw e;
      }
    }
  }

  private Optional<Link> find(NetlinkClient client) {
    return RouteMessages.findLink(client, config.bridge());
  }

  private Link create(NetlinkClient client) {
    try {
      client.execute(RouteMessages.addBridge(config.bridge(), mac(), mtu(client)));
    } catch (LinuxException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
    }
    return find(client)
        .orElseThrow(
            () ->
                new CriException.Unavailable(
                    "bridge " + config.bridge() + " vanished while it was made", null));
  }

  private int mtu(NetlinkClient client) {
    if (config.mtu() != 0) {
      return config.mtu();
    }
    return RouteMessages.defaultRouteLink(client).stream()
        .boxed()
        .flatMap(index -> RouteMessages.allLinks(client).stream().filter(l -> l.index() == index))
        .mapToInt(Link::mtu)
        .findFirst()
        .orElse(DEFAULT_MTU);
  }

  private MacAddress mac() {
    int hash = Hashing.sha256().hashString(config.bridge(), StandardCharsets.UTF_8).asInt();
    return new MacAddress(MAC_PREFIX | Integer.toUnsignedLong(hash));
  }
}
