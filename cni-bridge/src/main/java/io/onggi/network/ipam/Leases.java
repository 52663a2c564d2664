package io.onggi.network.ipam;

import io.onggi.error.CriException;
import io.onggi.network.IpPrefix;
import io.onggi.network.MacAddress;
import io.onggi.network.PortMapping;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Addresses with their lease files. Thread-safe; writers of different addresses do not wait. */
public final class Leases {
  /** Locally administered, unicast; the address fills the other four bytes (IEEE 802 c). */
  private static final long MAC_PREFIX = 0x0a6f_0000_0000L;

  private final LeaseStore store;
  private final Map<InetAddress, Lease> leases = new ConcurrentHashMap<>();
  private volatile List<AddressRange> ranges = List.of();

  /** Reads the leases of an earlier life from {@code directory}, which is created if missing. */
  public Leases(Path directory) {
    this.store = new LeaseStore(directory);
    store.load().forEach(lease -> leases.put(lease.address().address(), lease));
  }

  /** Sets where new addresses come from; leases from elsewhere stay valid. */
  public synchronized void ranges(List<IpPrefix> cidrs) {
    List<AddressRange> fresh = new ArrayList<>();
    for (IpPrefix cidr : cidrs) {
      AddressRange range = new AddressRange(cidr);
      leases.keySet().forEach(range::take);
      fresh.add(range);
    }
    ranges = List.copyOf(fresh);
  }

  public List<AddressRange> ranges() {
    return ranges;
  }

  /** All ranges that matter: those of new pods, and those that a lease still lies in. */
  public Set<IpPrefix> rangesInUse() {
    Set<IpPrefix> all = new LinkedHashSet<>();
    ranges.forEach(range -> all.add(range.cidr()));
    leases.values().forEach(lease -> all.add(lease.address().network()));
    return all;
  }

  /**
   * Takes the next address and writes its lease; empty if every range is exhausted.
   *
   * @throws CriException.Internal if the file cannot be written; nothing is taken then
   */
  public Optional<Lease> take(String sandboxId, String hostInterface, List<PortMapping> ports) {
    for (AddressRange range : ranges) {
      for (int tries = range.capacity(); tries > 0; tries--) {
        Optional<InetAddress> address = range.take();
        if (address.isEmpty()) {
          break;
        }
        Lease lease = lease(range, address.get(), sandboxId, hostInterface, ports);
        if (write(range, lease)) {
          leases.put(address.get(), lease);
          return Optional.of(lease);
        }
        // Somebody else's file (another daemon on this directory): taken, so the next one.
      }
    }
    return Optional.empty();
  }

  private boolean write(AddressRange range, Lease lease) {
    try {
      return store.create(lease);
    } catch (RuntimeException e) {
      range.release(lease.address().address());
      throw e;
    }
  }

  private static Lease lease(
      AddressRange range,
      InetAddress address,
      String sandboxId,
      String hostInterface,
      List<PortMapping> ports) {
    long low = Integer.toUnsignedLong(ByteBuffer.wrap(address.getAddress()).getInt());
    return new Lease(
        sandboxId,
        new IpPrefix(address, range.cidr().length()),
        range.gateway(),
        hostInterface,
        new MacAddress(MAC_PREFIX | low),
        ports,
        false);
  }

  /** Notes on disk that the sandbox is detached; its address stays taken. */
  public void markReleased(Lease lease) {
    store.markReleased(lease);
  }

  /** Gives the address back and removes its file. Idempotent. */
  public void release(Lease lease) {
    InetAddress address = lease.address().address();
    store.delete(address);
    leases.remove(address);
    ranges.forEach(range -> range.release(address));
  }

  public Collection<Lease> all() {
    return List.copyOf(leases.values());
  }

  /** "10.88.0.0/16 (65533 of 65533 addresses held by pods)": for messages. */
  public String usage() {
    return String.join(
        ", ",
        ranges.stream()
            .map(r -> r.cidr() + " (" + r.inUse() + " of " + r.capacity() + " addresses held)")
            .toList());
  }

  /** Removes the directory, which must hold no lease any more. */
  public void deleteDirectory() {
    store.deleteDirectory();
  }
}
