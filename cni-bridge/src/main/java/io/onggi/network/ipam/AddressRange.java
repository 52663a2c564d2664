package io.onggi.network.ipam;

import io.onggi.error.CriException;
import io.onggi.network.IpPrefix;
import java.net.InetAddress;
import java.util.BitSet;
import java.util.Optional;

/**
 * The pod addresses of one range. Handed out round robin, so that an address does not come back
 * while somebody still talks to its last owner. Thread-safe; one search step per address, whatever
 * the size.
 *
 * <p>The first host address is the gateway (the bridge's own); the network's address and the
 * broadcast address are nobody's.
 */
public final class AddressRange {
  private static final int LONGEST_PREFIX = 30;

  /** Bits of state for 4 million pods at most, half a megabyte. */
  private static final int MAX_ADDRESSES = 1 << 22;

  private static final int FIRST_POD = 2;

  private final IpPrefix cidr;
  private final int end;
  private final BitSet taken = new BitSet();
  private int cursor = FIRST_POD;

  /**
   * All addresses free.
   *
   * @throws CriException.InvalidArgument if {@code range} is not IPv4 or too small for one pod
   */
  public AddressRange(IpPrefix range) {
    if (!range.isIpv4()) {
      throw new CriException.InvalidArgument(
          "pod range " + range + ": IPv6 is not supported yet; give an IPv4 range");
    }
    if (range.length() > LONGEST_PREFIX) {
      throw new CriException.InvalidArgument(
          "pod range " + range + " has no room for a gateway and a pod; give a /30 or larger");
    }
    this.cidr = range.network();
    long size = 1L << (32 - range.length());
    this.end = (int) Math.min(size - 1, MAX_ADDRESSES);
  }

  public IpPrefix cidr() {
    return cidr;
  }

  public InetAddress gateway() {
    return cidr.at(1);
  }

  /** How many pods fit. */
  public int capacity() {
    return end - FIRST_POD;
  }

  public synchronized int inUse() {
    return taken.cardinality();
  }

  /** The next free address after the last one handed out; empty if all are taken. */
  public synchronized Optional<InetAddress> take() {
    int next = taken.nextClearBit(cursor);
    if (next >= end) {
      next = taken.nextClearBit(FIRST_POD);
    }
    if (next >= end) {
      return Optional.empty();
    }
    taken.set(next);
    cursor = next + 1;
    return Optional.of(cidr.at(next));
  }

  /**
   * Marks an address of an earlier life as taken; the round continues after it. False if it is not
   * a pod address of this range.
   */
  public synchronized boolean take(InetAddress address) {
    if (!cidr.contains(address)) {
      return false;
    }
    long offset = cidr.offsetOf(address);
    if (offset < FIRST_POD || offset >= end) {
      return false;
    }
    taken.set((int) offset);
    cursor = Math.max(cursor, (int) offset + 1);
    return true;
  }

  /** Gives an address back; one that is not taken, or not from here, is ignored. */
  public synchronized void release(InetAddress address) {
    if (cidr.contains(address)) {
      long offset = cidr.offsetOf(address);
      if (offset < end) {
        taken.clear((int) offset);
      }
    }
  }
}
