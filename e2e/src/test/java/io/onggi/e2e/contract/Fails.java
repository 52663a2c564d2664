package io.onggi.e2e.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.junit.jupiter.api.function.Executable;

/** That a call is refused, with which code, and that the sentence names what it is about. */
final class Fails {
  private Fails() {}

  static void notFound(String named, Executable call) {
    with(Status.Code.NOT_FOUND, named, call);
  }

  static void invalid(String named, Executable call) {
    with(Status.Code.INVALID_ARGUMENT, named, call);
  }

  static void with(Status.Code code, String named, Executable call) {
    StatusRuntimeException failed = assertThrows(StatusRuntimeException.class, call);
    assertEquals(code, failed.getStatus().getCode(), failed.getMessage());
    String said = String.valueOf(failed.getMessage());
    assertTrue(said.contains(named), () -> said + " does not name " + named);
  }
}
