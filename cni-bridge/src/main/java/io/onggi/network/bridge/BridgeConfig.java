package io.onggi.network.bridge;

import io.onggi.error.CriException;
import io.onggi.network.IpPrefix;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The built-in network's settings. A bad bridge name is refused with {@link
 * CriException.InvalidArgument}.
 *
 * @param bridge interface name, 1 to 15 bytes
 * @param podCidrs IPv4 ranges of pods; empty: wait for the kubelet (UpdateRuntimeConfig)
 * @param leaseDirectory on a tmpfs, for this bridge alone
 * @param mtu of bridge and pods in bytes; 0: that of the default route's interface, else 1500
 * @param enableForwarding sets net.ipv4.ip_forward to 1 if it is 0, because masquerade needs it
 * @param direct ranges that pods reach under their own address (the cluster's pod range)
 * @param linkGrace how long a detached sandbox's link may wait for its namespace's own end before
 *     it is deleted
 */
public record BridgeConfig(
    String bridge,
    List<IpPrefix> podCidrs,
    Path leaseDirectory,
    int mtu,
    boolean enableForwarding,
    List<IpPrefix> direct,
    Duration linkGrace) {
  private static final Pattern LINK_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,14}");

  /** A destroyed namespace takes its links along within about 50 ms (cleanup_net). */
  private static final Duration LINK_GRACE = Duration.ofMillis(300);

  private static final int MAX_MTU = 65535;

  public BridgeConfig {
    if (!LINK_NAME.matcher(bridge).matches()) {
      throw new CriException.InvalidArgument(
          "bridge name \"" + bridge + "\": 1 to 15 of A-Z a-z 0-9 _ . -, not starting with . or -");
    }
    if (mtu < 0 || mtu > MAX_MTU) {
      throw new CriException.InvalidArgument("mtu " + mtu + " is not within 0-" + MAX_MTU);
    }
    podCidrs = List.copyOf(podCidrs);
    direct = List.copyOf(direct);
  }

  /** Everything else as most nodes want it. */
  public static BridgeConfig of(String bridge, List<IpPrefix> podCidrs, Path leaseDirectory) {
    return new BridgeConfig(bridge, podCidrs, leaseDirectory, 0, true, List.of(), LINK_GRACE);
  }
}
