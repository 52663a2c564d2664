package io.onggi.launch.testing;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.onggi.launch.AttachEvent;
import io.onggi.launch.AttachOptions;
import io.onggi.launch.AttachSession;
import io.onggi.launch.ExecOptions;
import io.onggi.launch.ExecResult;
import io.onggi.launch.ExitRecord;
import io.onggi.launch.LaunchException;
import io.onggi.launch.LaunchPlan;
import io.onggi.launch.LaunchRequest;
import io.onggi.launch.LaunchStep;
import io.onggi.launch.Setting;
import io.onggi.launch.Shim;
import io.onggi.launch.ShimException;
import io.onggi.linux.Errno;
import io.onggi.linux.KernelConstants;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fakes behave as RealShimTest shows that the real shim does. */
class FakeShimsTest {
  private static final Path SOCKET = Path.of("/run/s");

  @TempDir Path dir;
  private final FakeShims shims = new FakeShims(InstantSource.fixed(Instant.EPOCH));

  private LaunchRequest request() {
    LaunchPlan plan =
        new LaunchPlan(
            List.of(
                new Setting.Socket(SOCKET.toString()),
                new Setting.ExitRecordFile(dir.resolve("exit").toString())),
            List.of(new LaunchStep.Exec(false, "/bin/nope", List.of("nope"), List.of())));
    return new LaunchRequest("container c1", dir.resolve("plan"), plan, Duration.ofSeconds(1));
  }

  @Test
  void anAttachedClientHearsTheEndAndOneThatComesLaterIsRefused() {
    shims.start(request());
    Shim shim = shims.connect("container c1", SOCKET);
    AttachOptions all = new AttachOptions(true, true, true);
    try (AttachSession session = shim.openAttach(all)) {
      assertEquals(all, shims.shim(SOCKET).awaitAttached().options());
      assertFalse(session.hasStdin());
      shim.kill(KernelConstants.SIGKILL, Shim.Scope.WHOLE_CONTAINER);
      assertEquals(new AttachEvent.Ended(137), session.next());
    }
    assertThrows(ShimException.Gone.class, () -> shim.openAttach(all));
  }

  @Test
  void aKilledContainerTellsItsWatcherLeavesItsRecordAndIsGone() throws Exception {
    shims.start(request());
    Shim shim = shims.connect("container c1", SOCKET);
    assertTrue(shim.status().running());
    try (ExecutorService watchers = Executors.newVirtualThreadPerTaskExecutor()) {
      var watched = watchers.submit(shim::awaitExit);
      shims.shim(SOCKET).awaitWatcher();
      shim.kill(KernelConstants.SIGKILL, Shim.Scope.WHOLE_CONTAINER);
      assertEquals(137, watched.get(10, TimeUnit.SECONDS).exitCode());
    }
    assertEquals(137, ExitRecord.read(dir.resolve("exit")).orElseThrow().exitCode());
    assertThrows(ShimException.Gone.class, shim::status);
    assertThrows(ShimException.Gone.class, shim::awaitExit);
  }

  @Test
  void aSignalThatIsTrappedIsNotedAndEndsNothing() {
    shims.start(request());
    FakeShim shim = shims.shim(SOCKET);
    shim.ignore(KernelConstants.SIGTERM);
    shim.kill(KernelConstants.SIGTERM, Shim.Scope.FIRST_PROCESS);
    assertEquals(
        List.of(new FakeShim.Sent(KernelConstants.SIGTERM, Shim.Scope.FIRST_PROCESS)),
        shim.signals());
    assertTrue(shim.status().running());
  }

  @Test
  void anExecDoesWhatTheTestSays() {
    shims.start(request());
    FakeShim shim = shims.shim(SOCKET);
    shim.onExec(
        (plan, _) ->
            new ExecResult(plan.steps().size(), new byte[] {1}, new byte[0], false, false, false));
    ExecResult result = shim.exec(request().plan(), ExecOptions.sync(Duration.ZERO));
    assertEquals(1, result.exitCode());
    assertEquals(1, result.stdout().length);
  }

  @Test
  void aStartFailsAtTheChosenStepWithTheRealMessage() {
    shims.failAt(LaunchStep.Exec.class::isInstance, Errno.ENOENT);
    LaunchException e = assertThrows(LaunchException.class, () -> shims.start(request()));
    assertEquals(
        "exec /bin/nope: No such file or directory (ENOENT) (step 3 of 3 of container c1)",
        e.getMessage());
  }

  @Test
  void productionCodeUsesNoFakes() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.onggi.launch.testing")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.onggi.launch.testing")
        .because("fakes are shipped in the main jar so that other modules' tests can use them")
        .check(
            new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.onggi"));
  }
}
