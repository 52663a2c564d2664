package io.onggi.e2e.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.onggi.e2e.Facts;
import io.onggi.e2e.Node;
import io.onggi.proto.ListContainersRequest;
import io.onggi.proto.ListPodSandboxRequest;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives every test class the one daemon of this package as a constructor's parameter, and fails the
 * class that leaves something behind in it.
 */
final class SharedNode implements BeforeAllCallback, AfterAllCallback, ParameterResolver {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(SharedNode.class);

  /** The daemon, and what the kernel shows of it without any pod. */
  private record Shared(Node node, Facts idle) implements AutoCloseable {
    static Shared start() {
      Node node = Node.start(List.of("--pod-cidr=10.83.0.0/24"), true);
      try (Pod first = Pod.run(node)) { // the first pod makes the bridge and the rules, which stay
        first.start("warm", "true");
      }
      return new Shared(node, Facts.of(node));
    }

    @Override
    public void close() {
      idle.close();
      node.close();
    }
  }

  private static Shared shared(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(Shared.class, _ -> Shared.start(), Shared.class);
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    shared(context);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    Node node = shared(context).node();
    assertEquals(
        List.of(),
        node.cri()
            .runtime()
            .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
            .getItemsList());
    assertEquals(
        List.of(),
        node.cri()
            .runtime()
            .listContainers(ListContainersRequest.getDefaultInstance())
            .getContainersList());
    shared(context).idle().assertUnchanged();
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Node.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return shared(context).node();
  }
}
