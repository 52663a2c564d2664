package io.onggi.daemon.cli;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.onggi.proto.ContainerEventResponse;
import io.onggi.proto.ContainerStatus;
import io.onggi.proto.GetEventsRequest;
import io.onggi.proto.PodSandboxMetadata;
import io.onggi.proto.RuntimeServiceGrpc;
import java.io.PrintStream;
import java.time.Instant;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** {@code onggi events}: what is kept and then what happens, a line each, until interrupted. */
final class EventLines {
  private static final Metadata.Key<String> AFTER = key("onggi-events-after");
  private static final Metadata.Key<String> NEXT = key("onggi-events-next");
  private static final long NANOS = 1_000_000_000L;
  private static final int SHORT_ID = 13;

  private final ManagedChannel channel;
  private final PrintStream out;

  EventLines(ManagedChannel channel, PrintStream out) {
    this.channel = channel;
    this.out = out;
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /** Ends only when the daemon does: then with status 0. */
  int follow() {
    AtomicReference<Metadata> headers = new AtomicReference<>();
    Metadata wanted = new Metadata();
    wanted.put(AFTER, "oldest");
    Iterator<ContainerEventResponse> events =
        RuntimeServiceGrpc.newBlockingStub(channel)
            .withInterceptors(
                MetadataUtils.newAttachHeadersInterceptor(wanted),
                MetadataUtils.newCaptureMetadataInterceptor(headers, new AtomicReference<>()))
            .getContainerEvents(GetEventsRequest.getDefaultInstance());
    long number = 0;
    try {
      while (events.hasNext()) {
        ContainerEventResponse event = events.next();
        if (number == 0) {
          number = first(headers.get());
        }
        out.println(line(number, event));
        number++;
      }
      return 0;
    } catch (StatusRuntimeException e) {
      if (number > 0 && e.getStatus().getCode() == Status.Code.UNAVAILABLE) {
        return 0; // the daemon left
      }
      throw e;
    }
  }

  private static long first(@Nullable Metadata headers) {
    String next = headers == null ? null : headers.get(NEXT);
    return next == null ? 1 : Long.parseLong(next);
  }

  /** {@code TIME NUMBER KIND pod|container ID NAMESPACE/POD[/CONTAINER] [how it ended]}. */
  static String line(long number, ContainerEventResponse event) {
    String kind =
        event
            .getContainerEventType()
            .name()
            .replace("CONTAINER_", "")
            .replace("_EVENT", "")
            .toLowerCase(Locale.ROOT);
    PodSandboxMetadata pod = event.getPodSandboxStatus().getMetadata();
    String name = pod.getNamespace() + "/" + pod.getName();
    boolean ofPod = event.getContainerId().equals(event.getPodSandboxStatus().getId());
    Optional<ContainerStatus> container =
        event.getContainersStatusesList().stream()
            .filter(c -> c.getId().equals(event.getContainerId()))
            .findFirst();
    String ended =
        container
            .filter(_ -> kind.equals("stopped"))
            .map(c -> " " + c.getReason() + " " + c.getExitCode())
            .orElse("");
    String id = event.getContainerId();
    return Instant.ofEpochSecond(event.getCreatedAt() / NANOS, event.getCreatedAt() % NANOS)
        + " "
        + number
        + " "
        + kind
        + (ofPod ? " pod " : " container ")
        + id.substring(0, Math.min(SHORT_ID, id.length()))
        + " "
        + name
        + container.map(c -> "/" + c.getMetadata().getName()).orElse("")
        + ended;
  }
}
