package io.onggi.network;

import com.google.common.net.InetAddresses;
import io.onggi.error.CriException;
import java.math.BigInteger;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * An address with its prefix length: a range ("10.88.0.0/16") or an interface's address in it
 * ("10.88.0.5/16"). Carries IPv4 and IPv6.
 */
public record IpPrefix(InetAddress address, int length) {
  public IpPrefix {
    int bits = address.getAddress().length * 8;
    if (length < 0 || length > bits) {
      throw new CriException.InvalidArgument(
          address.getHostAddress() + "/" + length + ": the prefix length is not within 0-" + bits);
    }
  }

  /**
   * Reads "address/length" without asking any name service.
   *
   * @throws CriException.InvalidArgument if {@code text} is anything else
   */
  public static IpPrefix parse(String text) {
    int slash = text.indexOf('/');
    try {
      InetAddress address = InetAddresses.forString(text.substring(0, Math.max(slash, 0)));
      return new IpPrefix(address, Integer.parseInt(text.substring(slash + 1)));
    } catch (IllegalArgumentException e) {
      throw new CriException.InvalidArgument(
          "\"" + text + "\" is not a CIDR such as 10.88.0.0/16", e);
    }
  }

  public boolean isIpv4() {
    return address instanceof Inet4Address;
  }

  /** The range that this address lies in: host bits cleared. */
  public IpPrefix network() {
    int hostBits = bits() - length;
    BigInteger cleared = value(address).shiftRight(hostBits).shiftLeft(hostBits);
    return new IpPrefix(toAddress(cleared), length);
  }

  /** The {@code offset}-th address of the range, 0 being the network's own. */
  public InetAddress at(long offset) {
    return toAddress(value(network().address).add(BigInteger.valueOf(offset)));
  }

  /** How far {@code inside} lies from the start of the range; the inverse of {@link #at}. */
  public long offsetOf(InetAddress inside) {
    return value(inside).subtract(value(network().address)).longValueExact();
  }

  public boolean contains(InetAddress other) {
    return other.getAddress().length * 8 == bits()
        && new IpPrefix(other, length).network().address.equals(network().address);
  }

  /** True if an address exists that lies in both. */
  public boolean overlaps(IpPrefix other) {
    return length <= other.length ? contains(other.address) : other.contains(address);
  }

  private int bits() {
    return address.getAddress().length * 8;
  }

  private static BigInteger value(InetAddress address) {
    return new BigInteger(1, address.getAddress());
  }

  private InetAddress toAddress(BigInteger value) {
    byte[] raw = new byte[bits() / 8];
    byte[] digits = value.toByteArray();
    int count = Math.min(digits.length, raw.length);
    System.arraycopy(digits, digits.length - count, raw, raw.length - count, count);
    try {
      return InetAddress.getByAddress(raw);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 or 16 bytes are always an address", e);
    }
  }

  @Override
  public String toString() {
    return InetAddresses.toAddrString(address) + "/" + length;
  }
}
