package io.onggi.network.bridge;

import io.onggi.error.CriException;
import io.onggi.linux.Errno;
import io.onggi.linux.LinuxException;
import io.onggi.network.IpPrefix;
import io.onggi.network.PortMapping;
import io.onggi.network.ipam.Lease;
import io.onggi.network.nat.HostPorts;
import io.onggi.network.nat.NatTable;
import java.net.InetAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The NAT of this network: the kernel's table and who holds which port, kept in step. On a kernel
 * without nf_tables pods are wired all the same, and {@link #limitation} says what is missing.
 */
final class NodeNat {
  private static final System.Logger LOG = System.getLogger(NodeNat.class.getName());

  /** No NETLINK_NETFILTER in this kernel. */
  private static final int EPROTONOSUPPORT = 93;

  private final NatTable table;
  private final HostPorts ports = new HostPorts();
  private final HostSysctl sysctls;
  private final BridgeConfig config;

  /**
   * Orders rebuilds against single changes; the kernel commits one transaction at a time anyway.
   */
  private final ReentrantLock lock = new ReentrantLock();

  private final Map<InetAddress, List<PortMapping>> published = new HashMap<>();

  /** What the table was last built for; empty before that. */
  private Optional<List<IpPrefix>> ranges = Optional.empty();

  private volatile Optional<String> limitation = Optional.empty();

  NodeNat(NatTable table, HostSysctl sysctls, BridgeConfig config) {
    this.table = table;
    this.sysctls = sysctls;
    this.config = config;
  }

  /** What does not work, and why; empty if all works. */
  Optional<String> limitation() {
    return limitation;
  }

  /** Notes the ports of a lease of an earlier life; {@link #rebuild} brings them to the kernel. */
  void restore(Lease lease) {
    try {
      ports.reserve(lease.sandboxId(), lease.ports());
    } catch (CriException e) {
      LOG.log(System.Logger.Level.WARNING, e.getMessage() + ": not restored, ignoring");
      return;
    }
    lock.lock();
    try {
      published.put(lease.address().address(), lease.ports());
    } finally {
      lock.unlock();
    }
  }

  void reserve(String sandboxId, List<PortMapping> wanted) {
    ports.reserve(sandboxId, wanted);
  }

  void unreserve(String sandboxId, List<PortMapping> held) {
    ports.release(sandboxId, held);
  }

  /** Brings the whole table to the kernel. Failure is kept as the limitation, not thrown. */
  void rebuild(Collection<IpPrefix> pods) {
    lock.lock();
    try {
      ranges = Optional.of(List.copyOf(pods));
      rebuildLocked();
    } finally {
      lock.unlock();
    }
  }

  /** Makes the table again if somebody took it away, or if it could not be made before. */
  void repair() {
    lock.lock();
    try {
      if (ranges.isPresent() && (limitation.isPresent() || !table.exists())) {
        rebuildLocked();
      }
    } finally {
      lock.unlock();
    }
  }

  private void rebuildLocked() {
    try {
      table.rebuild(ranges.orElseThrow(), config.direct(), published);
      if (config.enableForwarding()) {
        sysctls.enable("ipv4/ip_forward");
      }
      sysctls.enable("ipv4/conf/" + config.bridge() + "/route_localnet");
      limitation = Optional.empty();
    } catch (LinuxException | CriException e) {
      limitation =
          Optional.of(
              "no masquerade and no host ports: "
                  + e.getMessage()
                  + "; the kernel needs nf_tables (modprobe nf_tables nft_nat nft_masq nft_fib_ipv4)");
    }
  }

  /** Maps the lease's ports; without any this is free. */
  void publish(Lease lease) {
    if (lease.ports().stream().noneMatch(PortMapping::isMapped)) {
      return;
    }
    InetAddress pod = lease.address().address();
    lock.lock();
    try {
      published.put(pod, lease.ports());
      change(() -> table.add(pod, lease.ports()));
    } finally {
      lock.unlock();
    }
  }

  /** Unmaps the lease's ports and frees them. Idempotent. */
  void unpublish(Lease lease) {
    InetAddress pod = lease.address().address();
    lock.lock();
    try {
      List<PortMapping> mapped = published.remove(pod);
      if (mapped != null && mapped.stream().anyMatch(PortMapping::isMapped)) {
        change(() -> table.remove(pod, mapped));
      }
    } finally {
      lock.unlock();
    }
    ports.release(lease.sandboxId(), lease.ports());
  }

  /**
   * One change of the table, unless all of it is still to be made. If the table is not what we left
   * there (deleted, flushed, edited by hand) it is made anew, which contains the change.
   */
  private void change(Runnable transaction) {
    if (ranges.isEmpty() || limitation.isPresent()) {
      return;
    }
    try {
      transaction.run();
    } catch (LinuxException _) {
      rebuildLocked();
    }
  }

  /** Deletes the table; an absent one, and a kernel without nf_tables, count as done. */
  void delete() {
    if (limitation.isPresent()) {
      return;
    }
    try {
      table.delete();
    } catch (LinuxException e) {
      if (!e.is(Errno.EOPNOTSUPP) && !e.is(EPROTONOSUPPORT)) {
        throw e;
      }
    }
  }
}
