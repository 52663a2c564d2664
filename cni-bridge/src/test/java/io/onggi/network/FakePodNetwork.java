package io.onggi.network;

import io.onggi.error.CriException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A network in memory for tests of callers: addresses count up from 10.200.0.2, attach and detach
 * are idempotent as in the real one, and {@link #failNextAttach} plays a broken network.
 */
public final class FakePodNetwork implements PodNetwork {
  private static final IpPrefix RANGE = IpPrefix.parse("10.200.0.0/16");
  private static final int FIRST = 2;

  private final Map<String, Attachment> attached = new ConcurrentHashMap<>();
  private final AtomicInteger next = new AtomicInteger(FIRST);
  private final AtomicReference<Optional<CriException>> failure =
      new AtomicReference<>(Optional.empty());
  private volatile NetworkState state = new NetworkState.Ready(Optional.empty());

  /** The next attach throws this, once. */
  public void failNextAttach(CriException exception) {
    failure.set(Optional.of(exception));
  }

  public void state(NetworkState newState) {
    state = newState;
  }

  @Override
  public Attachment attach(AttachRequest request) {
    failure
        .getAndSet(Optional.empty())
        .ifPresent(
            e -> {
              throw e;
            });
    return attached.computeIfAbsent(request.sandboxId(), _ -> make(request));
  }

  private Attachment make(AttachRequest request) {
    int number = next.getAndIncrement();
    return new Attachment(
        request.sandboxId(),
        "og" + number,
        "eth0",
        List.of(new IpPrefix(RANGE.at(number), RANGE.length())),
        List.of(RANGE.at(1)),
        new MacAddress(0x0a6f_0000_0000L | number),
        request.ports());
  }

  @Override
  public void detach(String sandboxId) {
    attached.remove(sandboxId);
  }

  @Override
  public NetworkState state() {
    return state;
  }

  @Override
  public void podCidr(List<IpPrefix> ranges) {
    if (ranges.isEmpty()) {
      throw new CriException.InvalidArgument("no pod range");
    }
    state = new NetworkState.Ready(Optional.empty());
  }

  @Override
  public Map<String, Attachment> attachments() {
    return Map.copyOf(attached);
  }

  @Override
  public void close() {}
}
