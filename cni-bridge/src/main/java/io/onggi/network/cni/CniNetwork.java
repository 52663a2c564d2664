package io.onggi.network.cni;

import com.google.common.util.concurrent.Striped;
import io.onggi.error.CriException;
import io.onggi.linux.Namespaces;
import io.onggi.linux.NetlinkSocket;
import io.onggi.network.AttachRequest;
import io.onggi.network.Attachment;
import io.onggi.network.IpPrefix;
import io.onggi.network.MacAddress;
import io.onggi.network.NetworkState;
import io.onggi.network.PodNetwork;
import io.onggi.network.cni.Attached.Phase;
import io.onggi.network.cni.Invocation.Command;
import io.onggi.network.netlink.HostNetns;
import io.onggi.network.netlink.NetlinkClient;
import io.onggi.network.netlink.RouteMessages;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.stream.Collectors;

/**
 * Sandboxes on the network that a conflist describes. What is to be done is written down before the
 * first plugin runs; it is forgotten only after DEL has succeeded, which is tried again until then,
 * with the configuration and the result of ADD.
 */
public final class CniNetwork implements PodNetwork {
  private static final System.Logger LOG = System.getLogger(CniNetwork.class.getName());
  private static final int LOCK_STRIPES = 256;
  private static final int LOOPBACK_INDEX = 1;
  private static final MacAddress NO_MAC = new MacAddress(0);

  private final CniSettings settings;
  private final Conflists conflists;
  private final Chain chain;
  private final AttachmentStore store;
  private final ScheduledExecutorService timer;
  private final Striped<Lock> sandboxLocks = Striped.lock(LOCK_STRIPES);
  private final Map<String, Attached> known = new ConcurrentHashMap<>();
  private final VersionChecks versions = new VersionChecks();
  private volatile List<IpPrefix> ranges = List.of();

  /**
   * Reads what an earlier life of the daemon left; runs nothing yet.
   *
   * @param timer for retries; its tasks start a virtual thread and return
   */
  public CniNetwork(CniSettings settings, PluginPrograms plugins, ScheduledExecutorService timer) {
    this(settings, (Plugins) plugins, timer);
  }

  CniNetwork(CniSettings settings, Plugins plugins, ScheduledExecutorService timer) {
    this.settings = settings;
    this.conflists = new Conflists(settings.configurations());
    this.chain = new Chain(plugins, settings.pluginLimit());
    this.store = new AttachmentStore(settings.attachments());
    this.timer = timer;
    store.load().forEach(attached -> known.put(attached.sandboxId(), attached));
  }

  /** True when somebody has put a configuration there, usable or not. */
  public boolean isConfigured() {
    return !conflists.now().isNothing();
  }

  /** True when the sandbox is, or was, attached here and is not gone yet. */
  public boolean knows(String sandboxId) {
    return known.containsKey(sandboxId);
  }

  @Override
  public Attachment attach(AttachRequest request) {
    Lock lock = sandboxLocks.get(request.sandboxId());
    lock.lock();
    try {
      Attached attached = known.get(request.sandboxId());
      if (attached != null && attached.phase() == Phase.ATTACHED) {
        return attachment(attached);
      }
      if (attached != null) {
        remove(attached); // an ADD that was cut short: the spec wants DEL before another one
      }
      return attachment(add(request));
    } finally {
      lock.unlock();
    }
  }

  private Attached add(AttachRequest request) {
    Conflist network = network();
    if (!Namespaces.isPinned(request.netns())) {
      throw new CriException.FailedPrecondition(
          "sandbox "
              + request.sandboxId()
              + ": "
              + request.netns()
              + " is no namespace (any more); make the sandbox anew");
    }
    Attached intent =
        new Attached(
            request.sandboxId(),
            Phase.ADDING,
            network,
            request.netns().toString(),
            PodArguments.arguments(request),
            PodArguments.capabilities(request, ranges),
            request.ports(),
            Optional.empty());
    remember(intent);
    try {
      loopbackUp(request);
      Attached attached = intent.attached(result(intent));
      remember(attached);
      return attached;
    } catch (RuntimeException e) {
      detach(request.sandboxId());
      throw e;
    }
  }

  private Conflist network() {
    Conflists.Found found = conflists.now();
    return found.network().orElseThrow(() -> new CriException.FailedPrecondition(unusable(found)));
  }

  private String unusable(Conflists.Found found) {
    return found.problems().isEmpty()
        ? "no network configuration in " + settings.configurations()
        : "no usable network configuration: " + String.join("; ", found.problems());
  }

  private CniResult result(Attached intent) {
    CniResult result;
    try {
      result =
          chain.add(intent.network(), intent.invocation(Command.ADD, true), intent.capabilities());
    } catch (PluginException e) {
      throw new CriException.Unavailable(String.valueOf(e.getMessage()), e);
    }
    if (result.podAddresses().isEmpty()) {
      throw new CriException.Unavailable(
          "network "
              + intent.network().name()
              + " gave sandbox "
              + intent.sandboxId()
              + " no address; a pod needs one: see \"ipam\" in "
              + intent.network().source(),
          null);
    }
    return result;
  }

  /** What the loopback plugin does, without executing it. */
  private static void loopbackUp(AttachRequest request) {
    boolean _ =
        Namespaces.callIn(
            request.netns(),
            () -> {
              try (NetlinkClient inside =
                  new NetlinkClient(
                      NetlinkSocket.open(NetlinkSocket.ROUTE, HostNetns.ANSWER_TIMEOUT))) {
                inside.execute(RouteMessages.setUp(LOOPBACK_INDEX, "lo"));
              }
              return true;
            });
  }

  @Override
  public void detach(String sandboxId) {
    Lock lock = sandboxLocks.get(sandboxId);
    lock.lock();
    try {
      Attached attached = known.get(sandboxId);
      if (attached == null || attached.phase() == Phase.DELETING) {
        return; // gone, or being tried in the background
      }
      Attached deleting = attached.deleting();
      remember(deleting);
      try {
        remove(deleting);
      } catch (CriException e) {
        LOG.log(
            System.Logger.Level.WARNING,
            e.getMessage() + "; the pod goes all the same, DEL is tried again");
        retry(sandboxId, settings.firstRetry());
      }
    } finally {
      lock.unlock();
    }
  }

  /** One DEL; forgets the attachment when it succeeds. */
  private void remove(Attached attached) {
    boolean there = Namespaces.isPinned(Path.of(attached.netns()));
    try {
      chain.del(
          attached.network(),
          attached.invocation(Command.DEL, there),
          attached.capabilities(),
          attached.result().map(CniResult::json),
          settings.firstDelLimit());
    } catch (PluginException e) {
      throw new CriException.Unavailable(String.valueOf(e.getMessage()), e);
    }
    store.delete(attached.sandboxId());
    known.remove(attached.sandboxId());
  }

  private void retry(String sandboxId, Duration wait) {
    try {
      var _ =
          timer.schedule(
              () ->
                  Thread.ofVirtual()
                      .name("cni-del-" + sandboxId)
                      .start(() -> again(sandboxId, wait)),
              wait.toMillis(),
              TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException _) {
      // The daemon ends; the next one finds the attachment's file and goes on.
    }
  }

  private void again(String sandboxId, Duration waited) {
    Lock lock = sandboxLocks.get(sandboxId);
    lock.lock();
    try {
      Attached attached = known.get(sandboxId);
      if (attached != null && attached.phase() == Phase.DELETING) {
        remove(attached);
        LOG.log(System.Logger.Level.INFO, "sandbox " + sandboxId + ": CNI DEL succeeded at last");
      }
    } catch (RuntimeException e) {
      Duration next = waited.multipliedBy(2);
      retry(sandboxId, next.compareTo(settings.lastRetry()) > 0 ? settings.lastRetry() : next);
    } finally {
      lock.unlock();
    }
  }

  /**
   * For the daemon's start: what belongs to no living sandbox is taken away in the background, and
   * the plugins are told who lives, so that they give back what nobody knows of.
   */
  public void reconcile(Set<String> liveSandboxIds) {
    for (Attached attached : List.copyOf(known.values())) {
      boolean lives =
          attached.phase() == Phase.ATTACHED && liveSandboxIds.contains(attached.sandboxId());
      if (!lives) {
        remember(attached.deleting());
        retry(attached.sandboxId(), Duration.ZERO);
      }
    }
    conflists.now().network().ifPresent(this::collectGarbage);
  }

  private void collectGarbage(Conflist network) {
    Set<String> ids = Set.copyOf(known.keySet());
    Thread _ =
        Thread.ofVirtual()
            .name("cni-gc")
            .start(
                () -> {
                  try {
                    chain.gc(network, ids);
                  } catch (PluginException e) {
                    LOG.log(System.Logger.Level.WARNING, e.getMessage() + ", ignoring");
                  }
                });
  }

  @Override
  public NetworkState state() {
    Conflists.Found found = conflists.now();
    if (found.network().isEmpty()) {
      String reason = found.isNothing() ? "NetworkNotConfigured" : "NetworkConfigBroken";
      return new NetworkState.NotReady(reason, unusable(found));
    }
    Conflist network = found.network().get();
    try {
      versions.check(network, chain);
      chain.status(network, settings.firstDelLimit());
    } catch (PluginException e) {
      return new NetworkState.NotReady("NetworkPluginNotReady", String.valueOf(e.getMessage()));
    }
    return new NetworkState.Ready(
        found.problems().isEmpty()
            ? Optional.empty()
            : Optional.of(
                network.source()
                    + " is used; passed over: "
                    + String.join("; ", found.problems())));
  }

  /**
   * Asks the plugins whether a sandbox's network is as they made it.
   *
   * @return what is wrong; empty: nothing, or the network's version has no CHECK
   * @throws CriException.NotFound for a sandbox that is not attached here
   */
  public Optional<String> check(String sandboxId) {
    Attached attached = known.get(sandboxId);
    if (attached == null || attached.result().isEmpty()) {
      throw new CriException.NotFound("sandbox " + sandboxId + " is on no CNI network");
    }
    try {
      chain.check(
          attached.network(),
          attached.invocation(Command.CHECK, true),
          attached.capabilities(),
          attached.result().get().json());
      return Optional.empty();
    } catch (PluginException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Given to plugins that ask for the capability "ipRanges"; no plugin has to. */
  @Override
  public void podCidr(List<IpPrefix> ranges) {
    this.ranges = List.copyOf(ranges);
  }

  @Override
  public Map<String, Attachment> attachments() {
    return known.values().stream()
        .filter(attached -> attached.phase() == Phase.ATTACHED)
        .collect(Collectors.toUnmodifiableMap(Attached::sandboxId, CniNetwork::attachment));
  }

  /** Sandboxes whose DEL has not succeeded yet. */
  public Set<String> pendingRemovals() {
    return known.values().stream()
        .filter(attached -> attached.phase() != Phase.ATTACHED)
        .map(Attached::sandboxId)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Retries end with the timer; every pod stays on its network. */
  @Override
  public void close() {}

  private void remember(Attached attached) {
    store.write(attached);
    known.put(attached.sandboxId(), attached);
  }

  private static Attachment attachment(Attached attached) {
    CniResult result =
        attached
            .result()
            .orElseThrow(
                () ->
                    new IllegalStateException("attached without result: " + attached.sandboxId()));
    List<CniResult.Address> addresses = result.podAddresses();
    return new Attachment(
        attached.sandboxId(),
        result.hostInterface().map(CniResult.Interface::name).orElse(""),
        Invocation.INTERFACE,
        addresses.stream().map(CniResult.Address::address).toList(),
        addresses.stream().map(CniResult.Address::gateway).flatMap(Optional::stream).toList(),
        result.podInterface().flatMap(CniResult.Interface::mac).orElse(NO_MAC),
        attached.ports());
  }
}
