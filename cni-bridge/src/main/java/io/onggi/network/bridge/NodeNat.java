package io.onggi.network.bridge;

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
    ports.reserve(lease.sandboxId(), lease.ports());
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
      table.rebuild(pods, config.direct(), published);
      if (config.enableForwarding()) {
        sysctls.enable("ipv4/ip_forward");
      }
      sysctls.enable("ipv4/conf/" + config.bridge() + "/route_localnet");
      limitation = Optional.empty();
    } catch (RuntimeException e) {
      limitation =
          Optional.of(
              "no masquerade and no host ports: "
                  + e.getMessage()
                  + "; load nf_tables (modprobe nf_tables nft_nat nft_masq) and restart onggid");
    } finally {
      lock.unlock();
    }
  }

  /** Maps the lease's ports; without any this is free. */
  void publish(Lease lease) {
    if (lease.ports().stream().noneMatch(PortMapping::isMapped)) {
      return;
    }
    lock.lock();
    try {
      published.put(lease.address().address(), lease.ports());
      if (limitation.isEmpty()) {
        table.add(lease.address().address(), lease.ports());
      }
    } catch (LinuxException e) {
      published.remove(lease.address().address());
      throw e;
    } finally {
      lock.unlock();
    }
  }

  /** Unmaps the lease's ports and frees them. Idempotent. */
  void unpublish(Lease lease) {
    lock.lock();
    try {
      if (published.remove(lease.address().address()) != null
          && lease.ports().stream().anyMatch(PortMapping::isMapped)) {
        boolean _ =
            limitation.isPresent() || table.remove(lease.address().address(), lease.ports());
      }
    } finally {
      lock.unlock();
    }
    ports.release(lease.sandboxId(), lease.ports());
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
