package io.onggi.e2e.contract;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.onggi.e2e.Node;
import io.onggi.e2e.Programs;
import io.onggi.proto.ContainerEventResponse;
import io.onggi.proto.GetEventsRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/** One client of GetContainerEvents; reads nothing until it is asked to. */
final class EventReader implements AutoCloseable {
  private static final Metadata.Key<String> AFTER = key("onggi-events-after");

  private final Context.CancellableContext context = Context.current().withCancellation();
  private final AtomicReference<Metadata> headers = new AtomicReference<>();
  private final Iterator<ContainerEventResponse> events;

  private EventReader(Node node, Metadata wanted) {
    AtomicReference<Iterator<ContainerEventResponse>> begun = new AtomicReference<>();
    context.run(
        () ->
            begun.set(
                node.cri()
                    .runtime()
                    .withInterceptors(
                        MetadataUtils.newAttachHeadersInterceptor(wanted),
                        MetadataUtils.newCaptureMetadataInterceptor(
                            headers, new AtomicReference<>()))
                    .getContainerEvents(GetEventsRequest.getDefaultInstance())));
    events = Objects.requireNonNull(begun.get());
  }

  /** What happens from now on; the daemon is known to listen when this returns. */
  static EventReader news(Node node) {
    EventReader reader = new EventReader(node, new Metadata());
    Await.until(() -> "no headers came", () -> reader.headers.get() != null);
    return reader;
  }

  static EventReader after(Node node, String position) {
    Metadata wanted = new Metadata();
    wanted.put(AFTER, position);
    return new EventReader(node, wanted);
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /** The number of the first event that it was or will be told. */
  long first() {
    return Long.parseLong(header("onggi-events-next"));
  }

  String run() {
    return header("onggi-events-run");
  }

  private String header(String name) {
    Metadata got = Objects.requireNonNull(headers.get(), "no headers came");
    return Objects.requireNonNull(got.get(key(name)), name);
  }

  List<ContainerEventResponse> next(int count) {
    List<ContainerEventResponse> told = new ArrayList<>();
    while (told.size() < count) {
      told.add(events.next());
    }
    return told;
  }

  /** {@code created ID} and so on. */
  static List<String> lines(List<ContainerEventResponse> told) {
    return told.stream()
        .map(
            e ->
                e.getContainerEventType()
                        .name()
                        .replace("CONTAINER_", "")
                        .replace("_EVENT", "")
                        .toLowerCase(Locale.ROOT)
                    + " "
                    + e.getContainerId())
        .toList();
  }

  /** What {@code onggi events} prints until a line ends with that. */
  static String program(Node node, String lastLine) {
    List<String> command =
        List.of(
            Programs.onggi().toString(),
            "events",
            "--socket",
            node.folder().resolve("onggi.sock").toString());
    StringBuilder said = new StringBuilder();
    try {
      Process program = new ProcessBuilder(command).redirectErrorStream(true).start();
      try (BufferedReader lines = program.inputReader()) {
        String line = lines.readLine();
        while (line != null && !line.endsWith(lastLine)) {
          said.append(line).append('\n');
          line = lines.readLine();
        }
        said.append(line);
      } finally {
        program.destroyForcibly();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return said.toString();
  }

  @Override
  public void close() {
    context.cancel(null);
  }
}
