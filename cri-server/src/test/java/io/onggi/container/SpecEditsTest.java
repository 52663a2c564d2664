package io.onggi.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.error.CriException;
import io.onggi.launch.LaunchStep;
import io.onggi.sandbox.SandboxId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The one place where a spec may be changed before it is kept. */
class SpecEditsTest {
  @TempDir private Path folder;

  private static SpecEdit variable(String name) {
    return (request, spec) -> {
      List<String> env = new ArrayList<>(spec.process().env());
      env.add(name + "=" + request.container().name() + env.size());
      return spec.with(spec.process().withEnv(env));
    };
  }

  private static List<String> added(List<String> env) {
    return env.stream().filter(e -> e.startsWith("EDIT")).toList();
  }

  @Test
  void editsRunInOrderAndStartAndExecWorkFromTheirResult() {
    try (ContainerWorld world = new ContainerWorld(folder)) {
      world.edit(variable("EDIT1"), variable("EDIT2"));
      SandboxId pod = world.sandbox("red");
      ContainerId id = world.running(pod, "c");
      List<String> kept = added(world.specs.read(id).process().env());
      assertEquals(2, kept.size(), kept.toString());
      assertTrue(kept.getFirst().startsWith("EDIT1=c"), kept.toString());
      LaunchStep.Exec exec =
          (LaunchStep.Exec) world.plans.plan(world.get(id), List.of("x"), false).steps().getLast();
      assertEquals(kept, added(exec.env()));
    }
  }

  @Test
  void anEditThatFailsOrLeavesNonsenseLeavesNoContainer() {
    AtomicReference<SpecEdit> edit = new AtomicReference<>((_, spec) -> spec);
    try (ContainerWorld world = new ContainerWorld(folder)) {
      world.edit((request, spec) -> Objects.requireNonNull(edit.get()).apply(request, spec));
      SandboxId pod = world.sandbox("red");
      List<OciSpec.DeviceCgroup> nothing = List.of(DeviceRules.DENY_ALL);
      edit.set((_, spec) -> spec.with(spec.linux().withDevices(List.of(), nothing)));
      assertThrows(CriException.FailedPrecondition.class, () -> world.created(pod, "c"));
      edit.set(
          (_, _) -> {
            throw new CriException.InvalidArgument("no such device");
          });
      CriException.InvalidArgument e =
          assertThrows(CriException.InvalidArgument.class, () -> world.created(pod, "c"));
      assertEquals("container c (attempt 0): no such device", e.getMessage());
      assertEquals(List.of(), world.containers.list());
      assertEquals(List.of(), world.folders());
    }
  }
}
