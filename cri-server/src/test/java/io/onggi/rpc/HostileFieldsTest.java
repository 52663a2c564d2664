package io.onggi.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every RPC of both services, asked for with every field that can be set. */
class HostileFieldsTest {
  @TempDir private static Path folder;
  private static Attack attack;

  @BeforeAll
  static void begin() {
    attack = new Attack(folder);
  }

  @AfterAll
  static void end() {
    attack.close();
  }

  @TestFactory
  Stream<DynamicTest> the_request_that_is_spoilt_is_itself_good() {
    return Attack.rpcs().stream()
        .map(
            rpc ->
                DynamicTest.dynamicTest(String.valueOf(rpc.getBareMethodName()), () -> good(rpc)));
  }

  private static void good(MethodDescriptor<?, ?> rpc) {
    Status status = attack.status(rpc, attack.valid(rpc));
    switch (status.getCode()) {
      case OK, UNIMPLEMENTED -> {}
      case UNAVAILABLE, UNKNOWN -> assertEquals("PullImage", rpc.getBareMethodName());
      case DEADLINE_EXCEEDED -> assertEquals("GetContainerEvents", rpc.getBareMethodName());
      default -> throw new AssertionError(status.toString());
    }
  }
}
