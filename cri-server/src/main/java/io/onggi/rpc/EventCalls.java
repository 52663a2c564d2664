package io.onggi.rpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.onggi.container.PodEvent;
import io.onggi.error.CriException;
import io.onggi.event.Delivery;
import io.onggi.event.EventHub;
import io.onggi.event.Subscription;
import io.onggi.proto.ContainerEventResponse;
import io.onggi.proto.ContainerEventType;
import io.onggi.rpc.EventPosition.Wanted;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * GetContainerEvents: one parked virtual thread a client. A client that does not read holds back
 * itself only; when events that it has not read are no longer kept it is told RESOURCE_EXHAUSTED.
 */
public final class EventCalls {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** How often a client that does not read is looked at. */
  private static final long LOOK_MILLIS = 500;

  private final EventHub<PodEvent> hub;
  private final String run;

  /**
   * @param run a word of this run of the daemon: event numbers count within it
   */
  public EventCalls(EventHub<PodEvent> hub, String run) {
    this.hub = hub;
    this.run = run;
  }

  void get(StreamObserver<ContainerEventResponse> observer) {
    ServerCallStreamObserver<ContainerEventResponse> client =
        (ServerCallStreamObserver<ContainerEventResponse>) observer;
    try {
      EventPosition.Opened opened = EventPosition.current();
      Subscription<PodEvent> events = subscription(opened.wanted());
      Semaphore room = new Semaphore(0);
      client.setOnReadyHandler(room::release);
      client.setOnCancelHandler(
          () -> {
            events.close();
            room.release();
          });
      opened.begin(run, events.position());
      Thread.ofVirtual().name("events-of-a-client").start(() -> tell(client, events, room));
    } catch (RuntimeException e) {
      Answer.failed(observer, "GetContainerEvents", e);
    }
  }

  private Subscription<PodEvent> subscription(Wanted wanted) {
    return switch (wanted) {
      case Wanted.News _ -> hub.subscribe();
      case Wanted.Oldest _ -> hub.subscribeToKept();
      case Wanted.After after -> {
        Optional<Subscription<PodEvent>> found =
            after.run().filter(r -> !r.equals(run)).isPresent()
                ? Optional.empty()
                : hub.subscribeAfter(after.number());
        yield found.orElseThrow(() -> gone(after));
      }
    };
  }

  private CriException.FailedPrecondition gone(Wanted.After after) {
    return new CriException.FailedPrecondition(
        "events after "
            + after.number()
            + after.run().map(r -> " of run " + r).orElse("")
            + " cannot be told: this is run "
            + run
            + " of the daemon and only its last events are kept; list pods and containers, then"
            + " ask without onggi-events-after");
  }

  private void tell(
      ServerCallStreamObserver<ContainerEventResponse> client,
      Subscription<PodEvent> events,
      Semaphore room) {
    try (events) {
      while (!client.isCancelled()) {
        switch (events.next(PATIENCE)) {
          case Delivery.Nothing<PodEvent> _ -> {}
          case Delivery.Event<PodEvent>(long _, PodEvent event) -> {
            awaitRoom(client, events, room);
            client.onNext(answer(event));
          }
          case Delivery.Gap<PodEvent> gap -> throw tooSlow(gap.first());
          case Delivery.End<PodEvent> _ ->
              throw new CriException.Unavailable(
                  "the daemon leaves; ask again when it is back", null);
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      if (!client.isCancelled()) {
        Answer.failed(client, "GetContainerEvents", e);
      }
    }
  }

  private static void awaitRoom(
      ServerCallStreamObserver<ContainerEventResponse> client,
      Subscription<PodEvent> events,
      Semaphore room)
      throws InterruptedException {
    while (!client.isReady() && !client.isCancelled()) {
      var _ = room.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      room.drainPermits();
      if (events.isBehind()) {
        throw tooSlow(events.position());
      }
    }
  }

  private static CriException.ResourceExhausted tooSlow(long lost) {
    return new CriException.ResourceExhausted(
        "this client did not read its events in time, event "
            + lost
            + " is lost to it; list pods and containers, then ask for events again",
        null);
  }

  static ContainerEventResponse answer(PodEvent event) {
    ContainerEventResponse.Builder answer =
        ContainerEventResponse.newBuilder()
            .setContainerId(event.id())
            .setContainerEventType(type(event.kind()))
            .setCreatedAt(Times.nanos(event.at()))
            .setPodSandboxStatus(SandboxAnswers.status(event.sandbox()));
    event.containers().forEach(c -> answer.addContainersStatuses(ContainerAnswers.status(c)));
    return answer.build();
  }

  private static ContainerEventType type(PodEvent.Kind kind) {
    return switch (kind) {
      case CREATED -> ContainerEventType.CONTAINER_CREATED_EVENT;
      case STARTED -> ContainerEventType.CONTAINER_STARTED_EVENT;
      case STOPPED -> ContainerEventType.CONTAINER_STOPPED_EVENT;
      case DELETED -> ContainerEventType.CONTAINER_DELETED_EVENT;
    };
  }
}
