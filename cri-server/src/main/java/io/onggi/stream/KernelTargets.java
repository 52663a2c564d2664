package io.onggi.stream;

import io.onggi.container.Container;
import io.onggi.container.ContainerLayout;
import io.onggi.container.ContainerState;
import io.onggi.container.Containers;
import io.onggi.container.ExecPlans;
import io.onggi.error.CriException;
import io.onggi.launch.AttachOptions;
import io.onggi.launch.DirectExec;
import io.onggi.launch.ExecOptions;
import io.onggi.launch.ExecSession;
import io.onggi.launch.ShimConnector;
import io.onggi.linux.Namespaces;
import io.onggi.sandbox.NamespaceMode;
import io.onggi.sandbox.Sandbox;
import io.onggi.sandbox.SandboxLayout;
import io.onggi.sandbox.Sandboxes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/** Streams into this node's containers, by their shims, and into its pods, by their network. */
public final class KernelTargets implements StreamTargets {
  private static final Duration NO_TIMEOUT = Duration.ZERO;

  private final Sandboxes sandboxes;
  private final SandboxLayout sandboxLayout;
  private final Containers containers;
  private final ContainerLayout layout;
  private final ExecPlans plans;
  private final ShimConnector connector;

  public KernelTargets(
      Sandboxes sandboxes,
      SandboxLayout sandboxLayout,
      Containers containers,
      ContainerLayout layout,
      ExecPlans plans,
      ShimConnector connector) {
    this.sandboxes = sandboxes;
    this.sandboxLayout = sandboxLayout;
    this.containers = containers;
    this.layout = layout;
    this.plans = plans;
    this.connector = connector;
  }

  @Override
  public StreamRequest check(StreamRequest request) {
    return switch (request) {
      case StreamRequest.Exec exec ->
          new StreamRequest.Exec(
              running(exec.container()).id().value(), exec.command(), exec.streams());
      case StreamRequest.Attach attach -> {
        Container container = running(attach.container());
        checkStreams(container, attach.streams());
        yield new StreamRequest.Attach(container.id().value(), attach.streams());
      }
      case StreamRequest.PortForward forward ->
          new StreamRequest.PortForward(ready(forward.sandbox()).id().value(), forward.ports());
    };
  }

  private static void checkStreams(Container container, StreamSet streams) {
    boolean terminal = container.spec().terminal();
    if (streams.terminal() != terminal) {
      throw new CriException.InvalidArgument(
          "Attach to container %s: tty is %b, but the container was created with tty %b; ask for %b"
              .formatted(container.id(), streams.terminal(), terminal, terminal));
    }
    if (!container.spec().stdin() && !streams.stdout() && !streams.stderr()) {
      throw new CriException.InvalidArgument(
          "Attach to container "
              + container.id()
              + ": only stdin is asked for, but the container was created with stdin false; ask for"
              + " stdout or stderr");
    }
  }

  private Container running(String idOrPrefix) {
    Container container = containers.get(idOrPrefix);
    if (!(container.state() instanceof ContainerState.Running)) {
      throw new CriException.FailedPrecondition(
          "container "
              + container.id()
              + " does not run (it is "
              + container.state().getClass().getSimpleName()
              + "), there is nothing to stream to");
    }
    return container;
  }

  private Sandbox ready(String idOrPrefix) {
    Sandbox sandbox = sandboxes.get(idOrPrefix);
    if (!sandbox.ready()) {
      throw new CriException.FailedPrecondition(
          "pod sandbox " + sandbox.id() + " is stopped, no port of it can be reached");
    }
    return sandbox;
  }

  @Override
  public DirectExec exec(StreamRequest.Exec request) {
    Container container = running(request.container());
    StreamSet streams = request.streams();
    return connector
        .connect("container " + container.id(), layout.socket(container.id()))
        .openDirect(
            plans.plan(container, request.command(), streams.terminal()),
            new ExecOptions(
                streams.terminal(),
                streams.stdin(),
                streams.stdout(),
                streams.stderr(),
                NO_TIMEOUT,
                0));
  }

  @Override
  public ExecSession attach(StreamRequest.Attach request) {
    Container container = running(request.container());
    StreamSet streams = request.streams();
    String subject = "container " + container.id();
    return new AttachedCommand(
        subject,
        streams,
        connector
            .connect(subject, layout.socket(container.id()))
            .openAttach(new AttachOptions(streams.stdin(), streams.stdout(), streams.stderr())));
  }

  @Override
  public SocketChannel dial(String id, int port) throws IOException {
    Sandbox sandbox = ready(id);
    try {
      return dialLoopback(sandbox, "127.0.0.1", StandardProtocolFamily.INET, port);
    } catch (IOException ipv4) {
      try {
        return dialLoopback(sandbox, "::1", StandardProtocolFamily.INET6, port);
      } catch (IOException ipv6) {
        ipv4.addSuppressed(ipv6);
        throw ipv4;
      }
    }
  }

  private SocketChannel dialLoopback(
      Sandbox sandbox, String address, StandardProtocolFamily family, int port) throws IOException {
    SocketChannel socket = open(sandbox, family);
    try {
      socket.connect(new InetSocketAddress(literal(address), port));
      return socket;
    } catch (IOException e) {
      socket.close();
      throw new IOException(address + ":" + port + ": " + e.getMessage(), e);
    }
  }

  /** A socket belongs to the network namespace of the thread that made it. */
  private SocketChannel open(Sandbox sandbox, StandardProtocolFamily family) throws IOException {
    if (sandbox.spec().namespaces().network() == NamespaceMode.NODE) {
      return SocketChannel.open(family);
    }
    try {
      return Namespaces.callIn(
          sandboxLayout.pin(sandbox.id(), Namespaces.Kind.NET), () -> opened(family));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static SocketChannel opened(StandardProtocolFamily family) {
    try {
      return SocketChannel.open(family);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InetAddress literal(String address) throws UnknownHostException {
    return InetAddress.getByName(address);
  }
}
