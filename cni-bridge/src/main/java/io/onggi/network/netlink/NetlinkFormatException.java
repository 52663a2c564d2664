package io.onggi.network.netlink;

/** Bytes that are no netlink message: truncated, or a length that points outside. */
public final class NetlinkFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public NetlinkFormatException(String message) {
    super("netlink: " + message);
  }
}
