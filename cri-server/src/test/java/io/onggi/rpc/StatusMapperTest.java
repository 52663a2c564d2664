package io.onggi.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.onggi.error.CriException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StatusMapperTest {
  private static final Map<CriException, Status.Code> TABLE = new HashMap<>();

  static {
    TABLE.put(new CriException.NotFound("m"), Status.Code.NOT_FOUND);
    TABLE.put(new CriException.InvalidArgument("m"), Status.Code.INVALID_ARGUMENT);
    TABLE.put(new CriException.FailedPrecondition("m"), Status.Code.FAILED_PRECONDITION);
    TABLE.put(new CriException.AlreadyExists("m"), Status.Code.ALREADY_EXISTS);
    TABLE.put(new CriException.Unavailable("m", null), Status.Code.UNAVAILABLE);
    TABLE.put(new CriException.ResourceExhausted("m", null), Status.Code.RESOURCE_EXHAUSTED);
    TABLE.put(new CriException.DeadlineExceeded("m"), Status.Code.DEADLINE_EXCEEDED);
    TABLE.put(new CriException.Unimplemented("m"), Status.Code.UNIMPLEMENTED);
    TABLE.put(new CriException.Unknown("m", null), Status.Code.UNKNOWN);
    TABLE.put(new CriException.Internal("m", null), Status.Code.INTERNAL);
  }

  @Test
  void every_kind_of_failure_has_its_code_and_is_in_the_table() {
    TABLE.forEach(
        (failure, code) -> {
          assertEquals(code, StatusMapper.status(failure).getCode());
          assertEquals("m", StatusMapper.status(failure).getDescription());
        });
    assertEquals(
        Stream.of(CriException.class.getPermittedSubclasses()).collect(Collectors.toSet()),
        TABLE.keySet().stream().map(Object::getClass).collect(Collectors.<Class<?>>toSet()));
  }

  @Test
  void what_nobody_expected_is_internal_and_its_trace_is_logged() {
    Status status = StatusMapper.status(new IllegalStateException());
    assertEquals(Status.Code.INTERNAL, status.getCode());
    assertEquals("java.lang.IllegalStateException", status.getDescription());
    assertTrue(StatusMapper.isUnexpected(new IllegalStateException()));
    assertEquals(
        Set.of(Status.Code.INTERNAL),
        TABLE.entrySet().stream()
            .filter(e -> StatusMapper.isUnexpected(e.getKey()))
            .map(Map.Entry::getValue)
            .collect(Collectors.toSet()));
  }

  @Test
  void a_message_that_no_client_would_take_keeps_its_beginning_and_its_end() {
    String value = "x".repeat(3 << 20);
    String said =
        StatusMapper.status(
                new CriException.InvalidArgument("hostname \"" + value + "\" is long; shorten it"))
            .getDescription();
    assertTrue(said != null && said.length() <= 1600);
    assertTrue(said.startsWith("hostname \"xxx"), said);
    assertTrue(said.contains(" (3145759 characters in all) "), said);
    assertTrue(said.endsWith("x\" is long; shorten it"), said);
  }
}
