package io.onggi.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.onggi.linux.ChildReaper;
import io.onggi.linux.Errno;
import io.onggi.linux.KernelConstants;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Probes by the real program, as root. */
class NativeMountProbeTest {
  private static final Path PROGRAM = Path.of("target/native/onggi-shim");

  @TempDir Path dir;
  private final ExecutorService platform = Executors.newCachedThreadPool();
  private ShimBinary binary;
  private ChildReaper reaper;
  private MountProbe probe;

  @BeforeEach
  void setUp() {
    assumeTrue(Files.isExecutable(PROGRAM), "needs target/native/onggi-shim (make -C shim all)");
    assumeTrue(Files.isWritable(Path.of("/proc/sys/kernel/hostname")), "needs root");
    binary = ShimBinary.open(PROGRAM);
    reaper = new ChildReaper();
    probe = new NativeMountProbe(binary, reaper, platform);
  }

  @AfterEach
  void tearDown() {
    platform.shutdownNow();
    if (binary != null) {
      reaper.close();
      binary.close();
    }
  }

  private void run(LaunchStep step, Duration timeout) {
    LaunchPlan plan =
        LaunchPlan.ofSteps(
            List.of(
                new LaunchStep.Unshare(KernelConstants.CLONE_NEWNS),
                step,
                new LaunchStep.Probed()));
    probe.probe(new LaunchRequest("container web", dir.resolve("probe"), plan, timeout));
  }

  @Test
  void aFolderThatIsThereIsFineAndAMissingOneIsNamed() {
    run(new LaunchStep.OpenTree(0, false, dir.toString()), Duration.ofSeconds(20));
    Path missing = dir.resolve("missing");
    LaunchException e =
        assertThrows(
            LaunchException.class,
            () ->
                run(new LaunchStep.OpenTree(0, false, missing.toString()), Duration.ofSeconds(20)));
    assertEquals(Errno.ENOENT, e.failure().errno());
    assertEquals(missing.toString(), e.failure().object());
    assertFalse(Files.exists(dir.resolve("probe")), "the plan is left");
  }

  @Test
  void aStepThatHangsIsGivenUpAndItsProcessKilled() throws Exception {
    Path fifo = dir.resolve("fifo");
    assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
    LaunchException e =
        assertThrows(
            LaunchException.class,
            () -> run(new LaunchStep.JoinCgroup(fifo.toString()), Duration.ofMillis(300)));
    assertEquals(Errno.ETIMEDOUT, e.failure().errno());
    assertEquals(
        "probe: Connection timed out (ETIMEDOUT), no answer within 0.3 s (starting container web)",
        e.getMessage());
  }
}
