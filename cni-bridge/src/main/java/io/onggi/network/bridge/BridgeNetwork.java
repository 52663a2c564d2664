package io.onggi.network.bridge;

import com.google.common.util.concurrent.Striped;
import io.onggi.error.CriException;
import io.onggi.linux.Errno;
import io.onggi.linux.LinuxException;
import io.onggi.linux.Namespaces;
import io.onggi.linux.NetlinkSocket;
import io.onggi.network.AttachRequest;
import io.onggi.network.Attachment;
import io.onggi.network.IpPrefix;
import io.onggi.network.NetworkState;
import io.onggi.network.PodNetwork;
import io.onggi.network.ipam.Lease;
import io.onggi.network.ipam.Leases;
import io.onggi.network.nat.NatTable;
import io.onggi.network.netlink.ClientPool;
import io.onggi.network.netlink.HostNetns;
import io.onggi.network.netlink.Link;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The built-in network. One sandbox is wired by: lease file, veth pair, addresses, host ports; each
 * step undone if a later one fails. See {@link BridgeConfig#enableForwarding} for the one sysctl of
 * the node that it changes (net.ipv4.ip_forward, as every bridge network must); route_localnet is
 * set on the bridge alone, and the nftables table keeps pods away from the node's 127.0.0.0/8.
 *
 * <p>At start the daemon calls {@link #reconcile} once, before it serves.
 */
public final class BridgeNetwork implements PodNetwork {
  private static final System.Logger LOG = System.getLogger(BridgeNetwork.class.getName());
  private static final int LOCK_STRIPES = 256;
  private static final Duration REUSE_WAIT = Duration.ofSeconds(3);
  private static final Pattern SANDBOX_ID = Pattern.compile("\\S{1,256}");

  /** The bridge as it was made ready. */
  private record Wired(int index, int mtu) {}

  private final ClientPool routes;
  private final ClientPool netfilter;
  private final BridgeDevice device;
  private final PodLink links;
  private final Leases leases;
  private final NodeNat nat;
  private final LinkReaper reaper;
  private final Striped<Lock> sandboxLocks = Striped.lock(LOCK_STRIPES);
  private final Map<String, Lease> attached = new ConcurrentHashMap<>();
  private final Object setup = new Object();
  private volatile Optional<Wired> wired = Optional.empty();

  /** A network on the node's own namespace. Reads the lease directory; makes nothing yet. */
  public BridgeNetwork(BridgeConfig config) {
    this(config, HostNetns.own());
  }

  /** As above with another namespace as the node. */
  public BridgeNetwork(BridgeConfig config, HostNetns host) {
    this(config, host, new ClientPool(host, NetlinkSocket.NETFILTER));
  }

  /** As above with another way to nf_tables: a test's kernel without. */
  BridgeNetwork(BridgeConfig config, HostNetns host, ClientPool netfilter) {
    this.routes = new ClientPool(host, NetlinkSocket.ROUTE);
    this.netfilter = netfilter;
    this.device = new BridgeDevice(config, routes);
    this.links = new PodLink(routes);
    this.leases = new Leases(config.leaseDirectory());
    this.nat = new NodeNat(new NatTable(netfilter, config.bridge()), new HostSysctl(host), config);
    this.reaper = new LinkReaper(links, leases, config.linkGrace());
    leases.ranges(config.podCidrs());
    leases.all().stream().filter(lease -> !lease.released()).forEach(this::restore);
  }

  /** The node's end of the link that this network would give a sandbox. */
  public static String hostInterface(String sandboxId) {
    return LinkNames.of(sandboxId);
  }

  private void restore(Lease lease) {
    attached.put(lease.sandboxId(), lease);
    nat.restore(lease);
  }

  @Override
  public Attachment attach(AttachRequest request) {
    String id = request.sandboxId();
    if (!SANDBOX_ID.matcher(id).matches()) {
      throw new CriException.InvalidArgument("sandbox id \"" + id + "\" has blanks or is empty");
    }
    Lock lock = sandboxLocks.get(id);
    lock.lock();
    try {
      Lease known = attached.get(id);
      return attachment(known != null ? known : attachNew(request));
    } finally {
      lock.unlock();
    }
  }

  private Lease attachNew(AttachRequest request) {
    if (!Namespaces.isPinned(request.netns())) {
      throw new CriException.FailedPrecondition(
          "sandbox "
              + request.sandboxId()
              + ": "
              + request.netns()
              + " is no namespace (any more); make the sandbox anew");
    }
    Wired bridge = ensureBridge();
    Undo undo = new Undo();
    try {
      nat.reserve(request.sandboxId(), request.ports());
      undo.push(() -> nat.unreserve(request.sandboxId(), request.ports()));
      Lease lease = lease(request);
      undo.push(() -> leases.release(lease));
      wire(lease, request, bridge);
      undo.push(() -> links.delete(lease.hostInterface()));
      nat.publish(lease);
      attached.put(lease.sandboxId(), lease);
      return lease;
    } catch (RuntimeException e) {
      undo.run(e);
      throw e;
    }
  }

  private Lease lease(AttachRequest request) {
    String link = LinkNames.of(request.sandboxId());
    reaper.finishNow(link);
    Optional<Lease> lease = leases.take(request.sandboxId(), link, request.ports());
    if (lease.isEmpty() && reaper.pending() > 0) {
      reaper.finishAll();
      boolean _ = reaper.awaitIdle(REUSE_WAIT);
      lease = leases.take(request.sandboxId(), link, request.ports());
    }
    return lease.orElseThrow(
        () ->
            new CriException.ResourceExhausted(
                "no pod address is left for sandbox "
                    + request.sandboxId()
                    + " in "
                    + leases.usage()
                    + "; "
                    + attached.size()
                    + " pods are attached: stop some, or give a larger --pod-cidr",
                null));
  }

  private void wire(Lease lease, AttachRequest request, Wired bridge) {
    try {
      links.wire(lease, request.netns(), bridge.index(), bridge.mtu());
    } catch (LinuxException e) {
      Wired now = repaired(e, lease, bridge);
      links.wire(lease, request.netns(), now.index(), now.mtu());
    }
  }

  /** A second try makes sense if a stale link was in the way, or the bridge had been removed. */
  private Wired repaired(LinuxException e, Lease lease, Wired bridge) {
    if (e.is(Errno.EEXIST) && device.mayOwn(lease.hostInterface(), bridge.index())) {
      links.delete(lease.hostInterface());
      return bridge;
    }
    if (device.isUp(bridge.index())) {
      throw e;
    }
    wired = Optional.empty();
    return ensureBridge();
  }

  @Override
  public void detach(String sandboxId) {
    Lock lock = sandboxLocks.get(sandboxId);
    lock.lock();
    try {
      Lease lease = attached.get(sandboxId);
      if (lease != null) {
        retire(lease);
        attached.remove(sandboxId);
      }
    } finally {
      lock.unlock();
    }
  }

  private void retire(Lease lease) {
    try {
      leases.markReleased(lease);
    } catch (CriException e) {
      // Only a restart before the link's end would miss it, and reconcile is told who lives.
      LOG.log(System.Logger.Level.WARNING, e.getMessage() + ", ignoring");
    }
    nat.unpublish(lease);
    reaper.retire(lease);
  }

  @Override
  public NetworkState state() {
    try {
      Wired now = ensureBridge();
      if (!device.isUp(now.index())) {
        wired = Optional.empty();
        now = ensureBridge();
      }
      nat.repair();
      return new NetworkState.Ready(nat.limitation());
    } catch (CriException.FailedPrecondition e) {
      return new NetworkState.NotReady("NetworkNotConfigured", String.valueOf(e.getMessage()));
    } catch (CriException | LinuxException e) {
      return new NetworkState.NotReady("BridgeNotReady", String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void podCidr(List<IpPrefix> ranges) {
    List<IpPrefix> usable =
        ranges.stream().filter(IpPrefix::isIpv4).map(IpPrefix::network).distinct().toList();
    if (usable.isEmpty()) {
      throw new CriException.InvalidArgument(
          "pod ranges " + ranges + " hold no IPv4 range; IPv6 alone is not supported yet");
    }
    synchronized (setup) {
      Set<IpPrefix> before = leases.rangesInUse();
      if (leases.ranges().stream().map(r -> r.cidr()).toList().equals(usable)) {
        return;
      }
      leases.ranges(usable);
      Optional<Wired> old = wired;
      wired = Optional.empty();
      Wired now = ensureBridge();
      if (old.isPresent()) {
        before.removeAll(leases.rangesInUse());
        before.forEach(range -> device.removeGateway(now.index(), gateway(range)));
      }
    }
  }

  @Override
  public Map<String, Attachment> attachments() {
    return attached.entrySet().stream()
        .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, e -> attachment(e.getValue())));
  }

  /**
   * Compares leases and links with the sandboxes that live: what belongs to others goes (in the
   * background), what belongs to the living is kept or repaired. For the daemon's start; no attach
   * may run meanwhile.
   *
   * @param liveSandboxIds sandboxes that should be attached
   */
  public void reconcile(Set<String> liveSandboxIds) {
    for (Lease lease : leases.all()) {
      if (lease.released()) {
        reaper.retire(lease);
      } else if (!liveSandboxIds.contains(lease.sandboxId())) {
        detach(lease.sandboxId());
      }
    }
    if (leases.ranges().isEmpty() && attached.isEmpty()) {
      return;
    }
    Wired bridge = ensureBridge();
    Set<String> ours = leases.all().stream().map(Lease::hostInterface).collect(Collectors.toSet());
    device.ports(bridge.index()).stream()
        .filter(port -> !ours.contains(port))
        .forEach(reaper::retireOrphan);
  }

  /** True once no detached link or address is waiting for its end; for tests and doctor. */
  public boolean awaitIdle(Duration timeout) {
    return reaper.awaitIdle(timeout);
  }

  /**
   * Removes all that this network ever made, in this life of the daemon or an earlier one: pods'
   * links, leases, table, bridge. Idempotent.
   */
  public void removeAll() {
    Set.copyOf(attached.keySet()).forEach(this::detach);
    leases.all().stream().filter(Lease::released).forEach(reaper::retire);
    reaper.finishAll();
    boolean _ = reaper.awaitIdle(REUSE_WAIT);
    device.index().ifPresent(index -> device.ports(index).forEach(links::delete));
    nat.delete();
    device.delete();
    wired = Optional.empty();
    if (leases.all().isEmpty()) {
      leases.deleteDirectory();
    }
  }

  @Override
  public void close() {
    reaper.close();
    routes.close();
    netfilter.close();
  }

  /** The bridge with its addresses and the NAT table; made at the first call. Idempotent. */
  private Wired ensureBridge() {
    Optional<Wired> ready = wired;
    if (ready.isPresent()) {
      return ready.get();
    }
    synchronized (setup) {
      if (wired.isEmpty()) {
        wired = Optional.of(makeBridge());
      }
      return wired.get();
    }
  }

  private Wired makeBridge() {
    Set<IpPrefix> ranges = leases.rangesInUse();
    if (leases.ranges().isEmpty()) {
      throw new CriException.FailedPrecondition(
          "no pod range is known yet: wait for the kubelet's UpdateRuntimeConfig or give"
              + " --pod-cidr");
    }
    Link link = device.ensure(ranges.stream().map(BridgeNetwork::gateway).toList());
    Set<String> present = new HashSet<>(device.ports(link.index()));
    attached.values().stream()
        .map(Lease::hostInterface)
        .filter(port -> !present.contains(port))
        .forEach(port -> device.enslave(port, link.index()));
    nat.rebuild(ranges);
    return new Wired(link.index(), link.mtu());
  }

  private static IpPrefix gateway(IpPrefix range) {
    return new IpPrefix(range.at(1), range.length());
  }

  private static Attachment attachment(Lease lease) {
    List<InetAddress> gateways = List.of(lease.gateway());
    return new Attachment(
        lease.sandboxId(),
        lease.hostInterface(),
        PodLink.POD_INTERFACE,
        List.of(lease.address()),
        gateways,
        lease.mac(),
        lease.ports());
  }
}
