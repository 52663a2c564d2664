package io.onggi.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.cgroup.dbus.FakeBus;
import io.onggi.cgroup.dbus.Value;
import io.onggi.error.CriException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our D-Bus against a peer that takes the bytes apart by itself. */
class SystemdManagerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path directory;
  private FakeBus bus;
  private SystemdManager systemd;

  @BeforeEach
  void begin() throws IOException {
    bus = new FakeBus(directory.resolve("bus"));
    systemd = new SystemdManager(directory.resolve("bus"), 0, PATIENCE);
  }

  @AfterEach
  void end() throws IOException {
    systemd.close();
    bus.close();
  }

  private static String message(Exception e) {
    return String.valueOf(e.getMessage());
  }

  @Test
  void everyTypeOfPropertyArrivesAsItWasSaid() {
    systemd.start(
        "onggi-a.scope",
        List.of(
            UnitProperty.of("Slice", "kubepods.slice"),
            UnitProperty.of("Delegate", true),
            UnitProperty.of("MemoryMax", 1L << 40),
            new UnitProperty("TasksMax", Value.Count.INFINITY),
            new UnitProperty("PIDs", new Value.Pids(List.of(4711, 4712))),
            new UnitProperty("AllowedCPUs", new Value.Bits(List.of((byte) 0x81, (byte) 1))),
            new UnitProperty(
                "DeviceAllow",
                new Value.Pairs(
                    List.of(new Value.Pair("char-*", "m"), new Value.Pair("/dev/null", "rwm"))))));
    assertEquals(
        Map.of(
            "Slice",
            "kubepods.slice",
            "Delegate",
            true,
            "MemoryMax",
            1L << 40,
            "TasksMax",
            -1L,
            "PIDs",
            List.of(4711, 4712),
            "AllowedCPUs",
            List.of(0x81, 1),
            "DeviceAllow",
            List.of("char-* m", "/dev/null rwm")),
        bus.units().get("onggi-a.scope"));
    systemd.set("onggi-a.scope", List.of(UnitProperty.of("MemoryMax", 7)));
    assertEquals(7L, bus.unit("onggi-a.scope").get("MemoryMax"));
    systemd.stop("onggi-a.scope");
    assertEquals(Map.of(), bus.units());
  }

  @Test
  void stoppingAUnitThatEndedByItselfIsSuccess() {
    systemd.stop("onggi-gone.scope");
    systemd.start("onggi-a.scope", List.of());
    bus.ends("onggi-a.scope");
    systemd.stop("onggi-a.scope");
  }

  @Test
  void aUnitThatAKilledDaemonLeftIsReplaced() {
    systemd.start("onggi-a.scope", List.of(UnitProperty.of("MemoryMax", 1)));
    systemd.start("onggi-a.scope", List.of(UnitProperty.of("MemoryMax", 2)));
    assertEquals(2L, bus.unit("onggi-a.scope").get("MemoryMax"));
  }

  @Test
  void aRefusalNamesTheUnitAndWhatSystemdSaid() {
    bus.refuse("SetUnitProperties");
    systemd.start("onggi-a.scope", List.of());
    CriException.Internal e =
        assertThrows(CriException.Internal.class, () -> systemd.set("onggi-a.scope", List.of()));
    assertEquals(
        "systemd: change onggi-a.scope: SetUnitProperties: not today", message(e), message(e));
  }

  @Test
  void aJobThatFailsIsAnError() {
    bus.jobsEndAs("failed");
    CriException.Internal e =
        assertThrows(CriException.Internal.class, () -> systemd.start("onggi-a.scope", List.of()));
    assertEquals(
        "systemd: start onggi-a.scope: the job ended as \"failed\"", message(e), message(e));
  }

  @Test
  void aBusThatGoesAwayIsAskedAnewAndOneThatIsNotThereIsNamed() throws IOException {
    systemd.start("onggi-a.scope", List.of());
    bus.disconnectAll();
    try {
      systemd.start("onggi-b.scope", List.of());
    } catch (CriException.Unavailable _) {
      // the break had not been noticed yet: the next call connects again
      systemd.start("onggi-b.scope", List.of());
    }
    assertTrue(bus.units().containsKey("onggi-b.scope"));
    try (SystemdManager lost =
        new SystemdManager(directory.resolve("nobody"), 0, Duration.ofSeconds(1))) {
      CriException.Unavailable e =
          assertThrows(CriException.Unavailable.class, () -> lost.stop("onggi-a.scope"));
      assertTrue(message(e).contains(directory.resolve("nobody").toString()), message(e));
      assertTrue(message(e).contains("is dbus running"), message(e));
    }
  }

  @Test
  void aBusThatDoesNotAnswerIsGivenUp() {
    bus.fallSilent();
    try (SystemdManager impatient =
        new SystemdManager(directory.resolve("bus"), 0, Duration.ofMillis(50))) {
      CriException.Unavailable e =
          assertThrows(CriException.Unavailable.class, () -> impatient.stop("onggi-a.scope"));
      assertTrue(message(e).contains("no answer within"), message(e));
    }
  }

  @Test
  void aBusThatDoesNotTakeTheUserSaysSo() {
    bus.rejectUser();
    CriException.Unavailable e =
        assertThrows(CriException.Unavailable.class, () -> systemd.stop("onggi-a.scope"));
    assertTrue(message(e).contains("does not take us for user 0"), message(e));
  }

  @Test
  void manyCallsAtOnceShareAConnection() {
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 100; i++) {
        String unit = "onggi-" + i + ".scope";
        pool.execute(() -> systemd.start(unit, List.of(UnitProperty.of("Slice", unit))));
      }
    }
    assertEquals(100, bus.units().size());
    bus.units().forEach((unit, properties) -> assertEquals(unit, properties.get("Slice")));
    assertEquals(1, bus.calls().stream().filter("Hello"::equals).count());
  }
}
