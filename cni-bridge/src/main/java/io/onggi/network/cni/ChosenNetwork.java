package io.onggi.network.cni;

import io.onggi.network.AttachRequest;
import io.onggi.network.Attachment;
import io.onggi.network.IpPrefix;
import io.onggi.network.NetworkState;
import io.onggi.network.PodNetwork;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The network that a new pod gets: the one that is configured, or the built-in one where nobody has
 * configured any. A broken configuration is not passed over in favour of the built-in one: its pods
 * would be on another network than the cluster's. A pod leaves the network that it is on, whatever
 * holds meanwhile.
 */
public final class ChosenNetwork implements PodNetwork {
  private final PodNetwork builtIn;
  private final CniNetwork configured;

  public ChosenNetwork(PodNetwork builtIn, CniNetwork configured) {
    this.builtIn = builtIn;
    this.configured = configured;
  }

  private PodNetwork current() {
    return configured.isConfigured() ? configured : builtIn;
  }

  @Override
  public Attachment attach(AttachRequest request) {
    return configured.knows(request.sandboxId())
        ? configured.attach(request)
        : current().attach(request);
  }

  @Override
  public void detach(String sandboxId) {
    configured.detach(sandboxId);
    builtIn.detach(sandboxId);
  }

  @Override
  public NetworkState state() {
    return current().state();
  }

  /** Both are told: the built-in network's pods keep working beside a configuration that came. */
  @Override
  public void podCidr(List<IpPrefix> ranges) {
    configured.podCidr(ranges);
    if (!configured.isConfigured()) {
      builtIn.podCidr(ranges);
    }
  }

  @Override
  public Map<String, Attachment> attachments() {
    Map<String, Attachment> all = new HashMap<>(builtIn.attachments());
    all.putAll(configured.attachments());
    return Map.copyOf(all);
  }

  @Override
  public void close() {
    try {
      configured.close();
    } finally {
      builtIn.close();
    }
  }
}
