package io.onggi.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.onggi.container.ContainerState;
import io.onggi.launch.LaunchStep;
import io.onggi.proto.StartContainerRequest;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that leaves in the middle: the operation goes on to its end, or takes all back. */
class GoneClientTest {
  private static final int EIO = 5;

  @TempDir private Path folder;
  private RpcWorld world;
  private String container;

  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  @BeforeEach
  void begin() {
    world = new RpcWorld(folder);
    String pod = world.runtime.runPodSandbox(ValidRequests.pod("base")).getPodSandboxId();
    container =
        world
            .runtime
            .createContainer(ValidRequests.container(pod, ValidRequests.podConfig("base"), "c"))
            .getContainerId();
  }

  @AfterEach
  void end() {
    world.close();
  }

  private StartContainerRequest request() {
    return StartContainerRequest.newBuilder().setContainerId(container).build();
  }

  /** Holds the start at its exec until it may go on. */
  private Predicate<LaunchStep> held(boolean fails) {
    return step -> {
      if (!(step instanceof LaunchStep.Exec)) {
        return false;
      }
      reached.countDown();
      try {
        goOn.await();
      } catch (InterruptedException e) {
        throw new AssertionError("the operation was interrupted", e);
      }
      return fails;
    };
  }

  /** Starts the container for a client that leaves while the shim is at work. */
  private void startAndLeave() throws InterruptedException {
    Context.CancellableContext client = Context.ROOT.withCancellation();
    Thread caller =
        Thread.ofVirtual()
            .start(
                client.wrap(
                    () -> {
                      StatusRuntimeException e =
                          assertThrows(
                              StatusRuntimeException.class,
                              () -> world.runtime.startContainer(request()));
                      assertEquals(Status.Code.CANCELLED, e.getStatus().getCode());
                    }));
    reached.await();
    client.cancel(null);
    caller.join();
    goOn.countDown();
  }

  @Test
  void a_start_whose_client_has_gone_is_finished() throws InterruptedException {
    world.world.shims.failAt(held(false), EIO);
    startAndLeave();
    try {
      var _ = world.runtime.startContainer(request()); // joins it
    } catch (StatusRuntimeException e) {
      assertEquals(Status.Code.FAILED_PRECONDITION, e.getStatus().getCode()); // it was done
    }
    assertEquals(
        ContainerState.Running.class, world.world.containers.get(container).state().getClass());
  }

  @Test
  void a_start_that_fails_after_its_client_has_gone_is_taken_back() throws InterruptedException {
    world.world.shims.failAt(held(true), EIO);
    startAndLeave();
    assertThrows(StatusRuntimeException.class, () -> world.runtime.startContainer(request()));
    assertEquals(
        ContainerState.Exited.class, world.world.containers.get(container).state().getClass());
    assertEquals(0, world.cgroups.live().size());
  }

  @Test
  void a_second_client_of_the_same_start_is_told_its_end() throws InterruptedException {
    world.world.shims.failAt(held(false), EIO);
    Thread first = Thread.ofVirtual().start(() -> world.runtime.startContainer(request()));
    reached.await();
    StatusRuntimeException late =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                world
                    .runtime
                    .withDeadlineAfter(100, TimeUnit.MILLISECONDS)
                    .startContainer(request()));
    assertEquals(Status.Code.DEADLINE_EXCEEDED, late.getStatus().getCode());
    goOn.countDown();
    first.join();
    assertEquals(
        ContainerState.Running.class, world.world.containers.get(container).state().getClass());
  }
}
