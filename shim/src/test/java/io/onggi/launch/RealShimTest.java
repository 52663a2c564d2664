package io.onggi.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.onggi.linux.ChildReaper;
import io.onggi.linux.Errno;
import io.onggi.linux.KernelConstants;
import io.onggi.linux.Processes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real program on the real kernel, as root: what Java asks for is what the container sees. */
class RealShimTest {
  private static final Path PROGRAM = Path.of("target/native/onggi-shim");
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final int ROUNDS = 100;

  @TempDir Path dir;
  private final ExecutorService platform = Executors.newCachedThreadPool();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final ShimConnector shims = new SocketShims(timer, LONG);
  private BusyboxWorld world;
  private ShimBinary binary;
  private ChildReaper reaper;
  private ShimLauncher launcher;

  @BeforeEach
  void setUp() throws Exception {
    assumeTrue(Files.isExecutable(PROGRAM), "needs target/native/onggi-shim (make -C shim all)");
    assumeTrue(Files.isWritable(Path.of("/proc/sys/kernel/hostname")), "needs root");
    world = new BusyboxWorld(dir);
    binary = ShimBinary.open(PROGRAM);
    reaper = new ChildReaper();
    launcher = new NativeShimLauncher(binary, reaper, platform, Failpoints.none());
  }

  @AfterEach
  void tearDown() throws IOException {
    timer.shutdownNow();
    platform.shutdownNow();
    if (binary != null) {
      world.close();
      reaper.close();
      binary.close();
    }
  }

  private Started start(BusyboxWorld.Box box, String... command) {
    LaunchPlan plan = box.plan(command);
    return launcher.start(
        new LaunchRequest("container " + box.name(), box.file("plan"), plan, LONG));
  }

  private Shim shim(BusyboxWorld.Box box) {
    return shims.connect("container " + box.name(), box.file("s"));
  }

  private static void awaitEnd(int pid) {
    awaitTrue("process " + pid + " is still there", () -> Processes.startTime(pid).isEmpty());
  }

  private String processes(BusyboxWorld.Box box) {
    return text(shim(box).exec(box.exec("ps"), ExecOptions.sync(LONG)).stdout());
  }

  private static void awaitTrue(String otherwise, BooleanSupplier condition) {
    long giveUp = System.nanoTime() + LONG.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < giveUp, otherwise);
      Thread.onSpinWait();
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Test
  void whatAContainerWroteAndHowItEndedIsKnownAfterItsShimIsGone() throws Exception {
    BusyboxWorld.Box box = world.box("c1");
    Started started = start(box, "sh", "-c", "hostname; echo $$; echo oops >&2; exit 3");
    awaitEnd(started.shimPid());
    ExitRecord end = ExitRecord.read(box.file("exit")).orElseThrow();
    assertEquals(3, end.exitCode());
    assertEquals(started.pid(), end.pid());
    assertEquals(started.startTime(), end.startTime());
    assertEquals(started.startedAt(), end.startedAt());
    List<String> lines =
        Files.readAllLines(box.file("log")).stream().map(line -> line.split(" ", 2)[1]).toList();
    assertEquals(List.of("stdout F red", "stdout F 1", "stderr F oops"), lines);
    assertThrows(ShimException.Gone.class, () -> shim(box).status());
  }

  @Test
  void aLiveContainerAnswersANewHandleRunsExecsAndIsKilled() throws Exception {
    BusyboxWorld.Box box = world.box("c1");
    Started started = start(box, "sleep", "1000");
    assertEquals(box.plan("sleep", "1000").entries(), started.timeline().size());
    assertTrue(Processes.isAlive(started.pid(), started.startTime()));
    ShimStatus status = shim(box).status();
    assertEquals(started.pid(), status.pid());
    assertEquals(started.startTime(), status.startTime());
    assertTrue(status.running());
    ExecResult result =
        shim(box)
            .exec(
                box.exec("sh", "-c", "hostname; id -u; echo e >&2; exit 7"),
                ExecOptions.sync(LONG));
    assertEquals("red\n0\n", text(result.stdout()));
    assertEquals("e\n", text(result.stderr()));
    assertEquals(7, result.exitCode());
    assertFalse(result.timedOut());
    try (ExecutorService watchers = Executors.newVirtualThreadPerTaskExecutor()) {
      var watched = watchers.submit(() -> shim(box).awaitExit());
      shim(box).kill(KernelConstants.SIGKILL, Shim.Scope.WHOLE_CONTAINER);
      assertEquals(137, watched.get(20, TimeUnit.SECONDS).exitCode());
    }
    awaitEnd(started.shimPid());
    assertEquals(9, ExitRecord.read(box.file("exit")).orElseThrow().signal());
  }

  @Test
  void clientsAttachTalkLeaveAndComeBackWhileTheContainerLives() {
    BusyboxWorld.Box box = world.box("c1");
    Started started = start(box, "sh", "-c", "while read x; do echo out $x; echo err >&2; done");
    AttachOptions all = new AttachOptions(true, true, true);
    try (AttachSession listener = shim(box).openAttach(new AttachOptions(false, true, false))) {
      for (String word : List.of("one", "two")) {
        try (AttachSession session = shim(box).openAttach(all)) {
          assertEquals(started.pid(), session.pid());
          session.stdin(StandardCharsets.UTF_8.encode(word + "\n"));
          session.endStdin();
          assertEquals(new AttachEvent.Detached(), last(session));
        }
        assertEquals("out " + word + "\n", text(listener.next()));
      }
      shim(box).kill(KernelConstants.SIGKILL, Shim.Scope.WHOLE_CONTAINER);
      assertEquals(new AttachEvent.Ended(137), listener.next());
    }
  }

  private static AttachEvent last(AttachSession session) {
    AttachEvent event = session.next();
    while (event instanceof AttachEvent.Stdout || event instanceof AttachEvent.Stderr) {
      event = session.next();
    }
    return event;
  }

  private static String text(AttachEvent event) {
    return event instanceof AttachEvent.Stdout(ByteBuffer bytes)
        ? StandardCharsets.UTF_8.decode(bytes).toString()
        : event.toString();
  }

  @Test
  void anExecThatRunsTooLongIsKilledWhole() throws Exception {
    BusyboxWorld.Box box = world.box("c1");
    start(box, "sleep", "1000");
    ExecResult result =
        shim(box)
            .exec(
                box.exec("sh", "-c", "sleep 997 & echo begun; wait"),
                ExecOptions.sync(Duration.ofMillis(200)));
    assertTrue(result.timedOut());
    assertEquals("begun\n", text(result.stdout()));
    // SIGKILL is sent by then; the kernel takes a moment to carry it out.
    awaitTrue("the grandchild lives", () -> !processes(box).contains("997"));
  }

  @Test
  void aCommandThatIsNotInTheImageIsNamedWithItsStep() {
    BusyboxWorld.Box box = world.box("c1");
    LaunchPlan plan = box.plan("/bin/nope");
    LaunchRequest request = new LaunchRequest("container c1", box.file("plan"), plan, LONG);
    LaunchException e = assertThrows(LaunchException.class, () -> launcher.start(request));
    assertEquals(
        "exec /bin/nope: No such file or directory (ENOENT) (step %d of %d of container c1)"
            .formatted(plan.entries(), plan.entries()),
        e.getMessage());
    assertTrue(e.isExec());
    assertEquals(Errno.ENOENT, e.failure().errno());
    assertFalse(Files.exists(box.file("s")), "the socket is left behind");
  }

  @Test
  void aShimThatCannotBeStartedSaysSo() throws IOException {
    Path script = Files.writeString(dir.resolve("not-a-program"), "nothing to run");
    try (ShimBinary broken = ShimBinary.open(script)) {
      ShimLauncher failing = new NativeShimLauncher(broken, reaper, platform, Failpoints.none());
      BusyboxWorld.Box box = world.box("c1");
      LaunchRequest request =
          new LaunchRequest("container c1", box.file("plan"), box.plan("true"), LONG);
      LaunchException e = assertThrows(LaunchException.class, () -> failing.start(request));
      assertEquals(
          "start shim: Permission denied (EACCES) (starting container c1)", e.getMessage());
    }
  }

  /** What starting {@code program} as a shim says; it leaves no child, zombies included. */
  private LaunchException failing(String program, Duration timeout) {
    Set<Long> before = children();
    LaunchException failure = start(program, timeout);
    assertTrue(before.containsAll(children()), "a child is left");
    return failure;
  }

  private static Set<Long> children() {
    return ProcessHandle.current().children().map(ProcessHandle::pid).collect(Collectors.toSet());
  }

  private LaunchException start(String program, Duration timeout) {
    try (ShimBinary other = ShimBinary.open(Path.of(program))) {
      ShimLauncher failing = new NativeShimLauncher(other, reaper, platform, Failpoints.none());
      BusyboxWorld.Box box = world.box("c1");
      LaunchRequest request =
          new LaunchRequest("container c1", box.file("plan"), box.plan("true"), timeout);
      return assertThrows(LaunchException.class, () -> failing.start(request));
    }
  }

  @Test
  void aShimThatDiesWithoutAReportIsReapedAndItsCodeTold() {
    assertEquals(
        "start shim: the shim ended without a report; the shim left with code 1"
            + " (starting container c1)",
        failing("/bin/false", LONG).getMessage());
  }

  @Test
  void aShimThatHangsIsKilledAtTheTimeout() {
    assertEquals(
        "start shim: Connection timed out (ETIMEDOUT), no report within 0.05 s;"
            + " the shim was killed (starting container c1)",
        failing("/usr/bin/yes", Duration.ofMillis(50)).getMessage());
  }

  @Test
  void aFailpointStopsAStartBeforeAnythingIsDone() {
    Failpoints points = new TermFailpoints("launch.spawn=error(no)", _ -> {}, () -> {});
    ShimLauncher failing = new NativeShimLauncher(binary, reaper, platform, points);
    BusyboxWorld.Box box = world.box("c1");
    LaunchRequest request =
        new LaunchRequest("container c1", box.file("plan"), box.plan("true"), LONG);
    LaunchException e = assertThrows(LaunchException.class, () -> failing.start(request));
    assertEquals("start shim: failpoint launch.spawn: no (starting container c1)", e.getMessage());
  }

  /** The plan holds the container's environment. */
  @Test
  void thePlanFileIsForItsOwnerOnly() throws IOException {
    BusyboxWorld.Box box = world.box("c1");
    start(box, "true");
    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(box.file("plan"))));
  }

  /** Figures only; docs/SPECIFICATION.md holds the bars. */
  @Test
  void figures() throws Exception {
    BusyboxWorld.Box first = world.box("c0");
    start(first, "sleep", "1000");
    long exec =
        p50(
            ROUNDS,
            () -> shim(first).exec(first.exec("/bin/true"), ExecOptions.sync(LONG)).exitCode());
    shim(first).kill(KernelConstants.SIGKILL, Shim.Scope.WHOLE_CONTAINER);
    List<BusyboxWorld.Box> boxes = new ArrayList<>();
    for (int i = 0; i < ROUNDS; i++) {
      boxes.add(world.box("r" + i));
    }
    Iterator<BusyboxWorld.Box> next = boxes.iterator();
    long start = p50(ROUNDS, () -> start(next.next(), "true").pid());
    List<Started.Timing> timeline = start(world.box("t"), "true").timeline();
    Started.Timing end = timeline.getLast();
    System.out.printf(
        "figure: the shim's own part %d us, of it steps %d us%n",
        end.beginMicros() + end.lengthMicros(),
        timeline.stream().mapToInt(Started.Timing::lengthMicros).sum());
    System.out.printf("figure: start p50 %d us, exec /bin/true p50 %d us%n", start, exec);
  }

  private static long p50(int rounds, Callable<Integer> work) throws Exception {
    long[] micros = new long[rounds];
    for (int i = 0; i < rounds; i++) {
      long begun = System.nanoTime();
      work.call();
      micros[i] = (System.nanoTime() - begun) / 1000;
    }
    Arrays.sort(micros);
    return micros[rounds / 2];
  }
}
