package io.onggi.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every field of every request of both services, one at a time, set to everything that {@link
 * Spoilt} knows: the answer is one that a client can act on, and nothing is left behind.
 */
class HostileFieldsTest {
  private static final int EVERY = 12;
  private static final Set<String> UNBUILT =
      Set.of("CheckpointContainer", "CheckpointPod", "RestorePod");

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

  @TestFactory
  Stream<DynamicTest> a_spoilt_field_is_refused_or_borne() {
    return Attack.rpcs().stream()
        .map(
            rpc ->
                DynamicTest.dynamicTest(
                    String.valueOf(rpc.getBareMethodName()), () -> spoilAll(rpc)));
  }

  private static void spoilAll(MethodDescriptor<?, ?> rpc) {
    List<String> wrong = new ArrayList<>();
    for (Spoilt.Place place : Spoilt.places(attack.valid(rpc).getDescriptorForType())) {
      List<Spoilt.Way> ways = Spoilt.ways(place);
      for (int i = 0; i < ways.size(); i += isRead(rpc, place) ? 1 : EVERY) {
        Spoilt.Way way = ways.get(i);
        Message request = way.change().apply(attack.valid(rpc));
        attack.send(rpc, request, names(place)).ifPresent(w -> wrong.add(way.name() + " -> " + w));
      }
    }
    assertEquals("", String.join("\n", wrong), () -> wrong.size() + " wrong answers");
  }

  /** Some ways are enough for a field that nothing looks at. */
  private static boolean isRead(MethodDescriptor<?, ?> rpc, Spoilt.Place place) {
    String path = place.toString();
    return !UNBUILT.contains(rpc.getBareMethodName())
        && !path.startsWith("sandbox_config.")
        && !path.contains("windows.");
  }

  /** The field, or what a person would call it. */
  private static List<String> names(Spoilt.Place place) {
    String field = place.last().getName();
    String plain = field.replaceAll("(_limits|_in_bytes|s)$", "");
    String path = place.toString();
    if (path.contains("userns_options") || path.contains("Mappings")) {
      // a mapping is judged as a whole: what is named is the first part that is wrong
      return List.of("userns_options", "uidMappings", "gidMappings");
    }
    if (path.contains("hugepage_limits")) {
      return List.of("huge page", "hugepage");
    }
    return switch (field) {
      case "envs", "key" -> List.of(field, "environment variable");
      case "value" -> List.of(parent(place), "environment variable");
      case "profile_type" -> List.of(field, parent(place));
      case "memory_swap_limit_in_bytes" -> List.of("memory and swap limit");
      case "network", "ipc" -> List.of(field, "has no namespace of its own");
      default -> List.of(plain);
    };
  }

  private static String parent(Spoilt.Place place) {
    return place.fields().get(place.fields().size() - 2).getName();
  }
}
