package io.onggi.rpc;

import static io.grpc.Status.Code.ALREADY_EXISTS;
import static io.grpc.Status.Code.DEADLINE_EXCEEDED;
import static io.grpc.Status.Code.FAILED_PRECONDITION;
import static io.grpc.Status.Code.INVALID_ARGUMENT;
import static io.grpc.Status.Code.NOT_FOUND;
import static io.grpc.Status.Code.RESOURCE_EXHAUSTED;
import static io.grpc.Status.Code.UNAVAILABLE;
import static io.grpc.Status.Code.UNIMPLEMENTED;
import static io.grpc.Status.Code.UNKNOWN;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.onggi.proto.CreateContainerResponse;
import io.onggi.proto.ImageServiceGrpc;
import io.onggi.proto.ListImagesRequest;
import io.onggi.proto.RunPodSandboxResponse;
import io.onggi.proto.RuntimeServiceGrpc;
import io.onggi.proto.StartContainerRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One pod with a running container and a created one; requests are sent at it, and what comes back
 * and what stays behind is judged. A request that succeeded is undone, so that the next meets the
 * same pod.
 */
final class Attack implements AutoCloseable {
  private static final Set<Status.Code> ALLOWED =
      EnumSet.of(
          INVALID_ARGUMENT,
          NOT_FOUND,
          FAILED_PRECONDITION,
          ALREADY_EXISTS,
          RESOURCE_EXHAUSTED,
          UNIMPLEMENTED,
          DEADLINE_EXCEEDED);

  /** gRPC clients take 8 KiB of headers; a character may need nine bytes of them. */
  private static final int LONGEST_MESSAGE = 1600;

  private static final long LIMIT_MILLIS = 20_000;
  private static final long ENDLESS_MILLIS = 50;

  private final RpcWorld world;
  private String pod = "";
  private String container = "";
  private String waiting = "";
  private RpcWorld.Owns before;

  Attack(Path folder) {
    world = new RpcWorld(folder);
    before = ready();
  }

  /** Every RPC of both services. */
  static List<MethodDescriptor<?, ?>> rpcs() {
    return Stream.concat(
            RuntimeServiceGrpc.getServiceDescriptor().getMethods().stream(),
            ImageServiceGrpc.getServiceDescriptor().getMethods().stream())
        .<MethodDescriptor<?, ?>>map(m -> m)
        .toList();
  }

  @SuppressWarnings("unchecked") // a generated method's marshaller has its message's prototype
  static Message prototype(MethodDescriptor<?, ?> rpc) {
    return ((MethodDescriptor.PrototypeMarshaller<Message>)
            (MethodDescriptor.Marshaller<?>) rpc.getRequestMarshaller())
        .getMessagePrototype();
  }

  /** A request of that RPC that succeeds. */
  Message valid(MethodDescriptor<?, ?> rpc) {
    boolean starts = "StartContainer".equals(rpc.getBareMethodName());
    return ValidRequests.of(prototype(rpc), pod, starts ? waiting : container);
  }

  private RpcWorld.Owns ready() {
    pod = world.runtime.runPodSandbox(ValidRequests.pod("base")).getPodSandboxId();
    container = created("base");
    waiting = created("waiting");
    start(container);
    return world.owns();
  }

  private String created(String name) {
    return world
        .runtime
        .createContainer(ValidRequests.container(pod, ValidRequests.podConfig("base"), name))
        .getContainerId();
  }

  private void start(String id) {
    var _ =
        world.runtime.startContainer(StartContainerRequest.newBuilder().setContainerId(id).build());
  }

  /**
   * Sends it.
   *
   * @param named words of which an INVALID_ARGUMENT must say one, as the field's name; empty: any
   * @return what is wrong with the answer, empty when nothing is
   */
  Optional<String> send(MethodDescriptor<?, ?> rpc, Message request, List<String> named) {
    try {
      List<?> answers = call(rpc, request);
      undo(answers);
      return Optional.empty();
    } catch (StatusRuntimeException e) {
      return judge(rpc, e.getStatus(), named);
    }
  }

  /** Sends it and gives the status that it ended with. */
  Status status(MethodDescriptor<?, ?> rpc, Message request) {
    try {
      undo(call(rpc, request));
      return Status.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus();
    }
  }

  @SuppressWarnings("unchecked") // the request is of the RPC's type
  private List<?> call(MethodDescriptor<?, ?> rpc, Message request) {
    boolean endless = ValidRequests.ENDLESS.contains(rpc.getBareMethodName());
    return world.call(
        (MethodDescriptor<Message, ?>) rpc, request, endless ? ENDLESS_MILLIS : LIMIT_MILLIS);
  }

  private Optional<String> judge(MethodDescriptor<?, ?> rpc, Status status, List<String> named) {
    List<String> wrong = new ArrayList<>();
    String said = String.valueOf(status.getDescription());
    if (!ALLOWED.contains(status.getCode()) && !isPullFailure(rpc, status)) {
      wrong.add("code " + status.getCode());
    }
    if (status.getCode() == DEADLINE_EXCEEDED
        && !ValidRequests.ENDLESS.contains(rpc.getBareMethodName())) {
      wrong.add("did not end");
    }
    if (said.isBlank() || said.equals("null")) {
      wrong.add("no message");
    }
    if (said.length() > LONGEST_MESSAGE) {
      wrong.add("a message of " + said.length() + " characters");
    }
    if (status.getCode() == INVALID_ARGUMENT && !names(said, named)) {
      wrong.add("names none of " + named);
    }
    RpcWorld.Owns after = world.owns();
    if (!after.equals(before)) {
      wrong.add("left behind: " + difference(after));
      restore();
    }
    return wrong.isEmpty()
        ? Optional.empty()
        : Optional.of(rpc.getBareMethodName() + ": " + wrong + ", it said: " + cut(said));
  }

  /** However a sentence writes a field: log_directory, log directory, logDirectory. */
  private static boolean names(String said, List<String> named) {
    return named.isEmpty()
        || named.stream().anyMatch(name -> letters(said).contains(letters(name)));
  }

  private static String letters(String text) {
    return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
  }

  private static String cut(String text) {
    return text.length() <= 600 ? text : text.substring(0, 600) + "...";
  }

  /** The kubelet reads these from UNKNOWN; a registry that nobody serves is UNAVAILABLE to it. */
  private static boolean isPullFailure(MethodDescriptor<?, ?> rpc, Status status) {
    return "PullImage".equals(rpc.getBareMethodName())
        && (status.getCode() == UNAVAILABLE || status.getCode() == UNKNOWN);
  }

  private String difference(RpcWorld.Owns after) {
    List<String> different = new ArrayList<>();
    add(different, "sandboxes", before.sandboxes(), after.sandboxes());
    add(different, "containers", before.containers(), after.containers());
    add(different, "ledger", before.ledger(), after.ledger());
    add(different, "kernel", before.kernel(), after.kernel());
    add(different, "network", before.network(), after.network());
    add(different, "cgroups", before.cgroups(), after.cgroups());
    add(different, "images", before.images(), after.images());
    add(different, "files", before.files(), after.files());
    return String.join("; ", different);
  }

  private static void add(List<String> into, String what, Object before, Object after) {
    if (!before.equals(after)) {
      into.add(what + " were " + cut(before.toString()) + " and are " + cut(after.toString()));
    }
  }

  /** What was made is started, to see that the plan of it can be made too, and taken away. */
  private void undo(List<?> answers) {
    for (Object answer : answers) {
      switch (answer) {
        case RunPodSandboxResponse made -> world.world.removeSandbox.remove(made.getPodSandboxId());
        case CreateContainerResponse made -> startAndRemove(made.getContainerId());
        default -> {}
      }
    }
    if (!world.owns().equals(before)) {
      restore();
    }
  }

  private void startAndRemove(String id) {
    try {
      start(id);
    } finally {
      world.world.remove.remove(id);
    }
  }

  private void restore() {
    world.world.sandboxes.list().forEach(s -> world.world.removeSandbox.remove(s.id().value()));
    world.world.loadImage();
    before = ready();
  }

  /** The daemon still answers. */
  boolean alive() {
    return world.images.listImages(ListImagesRequest.getDefaultInstance()).getImagesCount() > 0;
  }

  @Override
  public void close() {
    world.close();
  }
}
