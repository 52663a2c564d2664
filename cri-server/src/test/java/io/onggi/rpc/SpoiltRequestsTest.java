package io.onggi.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.onggi.sandbox.SandboxFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * Requests with several fields spoilt at once: checks that stand behind each other, and undos of
 * work that got further. {@link HostileFieldsTest} spoils one field at a time. The seed is fixed:
 * new ground is {@link RequestFuzz}'s.
 */
class SpoiltRequestsTest {
  private static final int MOST = 4;

  @SuppressWarnings("NullAway") // set before any try
  private static Attack attack;

  @SuppressWarnings("NullAway") // set before any try
  private static Path folder;

  /** Which place of the request, and which of the ways to spoil it; both modulo what there is. */
  record Edit(int place, int way) {}

  @BeforeContainer
  static void begin() throws IOException {
    folder = Files.createTempDirectory("onggi-spoilt");
    attack = new Attack(folder);
  }

  @AfterContainer
  static void end() {
    attack.close();
    SandboxFolders.delete(folder);
  }

  @Provide
  Arbitrary<List<Edit>> edits() {
    Arbitrary<Integer> any = Arbitraries.integers().between(0, 1 << 16);
    return Combinators.combine(any, any).as(Edit::new).list().ofMaxSize(MOST);
  }

  @Provide
  Arbitrary<MethodDescriptor<?, ?>> rpcs() {
    return Arbitraries.of(Attack.rpcs());
  }

  @Property(tries = 400, seed = "20261122", shrinking = ShrinkingMode.BOUNDED)
  void several_spoilt_fields_are_refused_or_borne(
      @ForAll("rpcs") MethodDescriptor<?, ?> rpc, @ForAll("edits") List<Edit> edits) {
    assertEquals("", attack.send(rpc, spoilt(rpc, edits), List.of()).orElse(""));
  }

  /** The two in which nearly everything is. */
  @Property(tries = 300, seed = "20261122", shrinking = ShrinkingMode.BOUNDED)
  void a_pod_and_a_container_of_several_spoilt_fields_leave_nothing(
      @ForAll boolean pod, @ForAll("edits") List<Edit> edits) {
    String name = pod ? "RunPodSandbox" : "CreateContainer";
    MethodDescriptor<?, ?> rpc =
        Attack.rpcs().stream()
            .filter(r -> name.equals(r.getBareMethodName()))
            .findFirst()
            .orElseThrow();
    assertEquals("", attack.send(rpc, spoilt(rpc, edits), List.of()).orElse(""));
    assertTrue(attack.alive());
  }

  private static Message spoilt(MethodDescriptor<?, ?> rpc, List<Edit> edits) {
    Message request = attack.valid(rpc);
    List<Spoilt.Place> places = Spoilt.places(request.getDescriptorForType());
    for (Edit edit : places.isEmpty() ? List.<Edit>of() : edits) {
      List<Spoilt.Way> ways = Spoilt.ways(places.get(edit.place() % places.size()));
      request = ways.get(edit.way() % ways.size()).change().apply(request);
    }
    return request;
  }
}
