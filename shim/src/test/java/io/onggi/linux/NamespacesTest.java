package io.onggi.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.error.CriException;
import io.onggi.linux.Namespaces.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamespacesTest {
  @TempDir Path directory;

  private Path pin(Kind kind) {
    return directory.resolve(kind.procName());
  }

  private Map<Kind, Path> pins(Set<Kind> kinds) {
    Map<Kind, Path> pins = new EnumMap<>(Kind.class);
    kinds.forEach(kind -> pins.put(kind, pin(kind)));
    return pins;
  }

  @AfterEach
  void nothingStaysPinned() {
    for (Kind kind : Kind.values()) {
      Namespaces.unpin(pin(kind));
    }
  }

  /**
   * In one read(2): Files.readString asks a file of size 0 for one byte, and a sysctl then ends.
   */
  private static String read(String path) throws IOException {
    try (InputStream in = Files.newInputStream(Path.of(path))) {
      byte[] buffer = new byte[4096];
      return new String(buffer, 0, in.read(buffer), StandardCharsets.UTF_8).strip();
    }
  }

  private static long mountsUnder(Path path) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
        .filter(line -> line.contains(path.toString()))
        .count();
  }

  @Test
  void pinnedNamespacesOutliveTheThreadThatMadeThem() throws Exception {
    Set<Kind> all = EnumSet.complementOf(EnumSet.of(Kind.USER));
    Namespaces.create(all, pins(all), Optional.of("red"), Map.of());
    for (Kind kind : all) {
      assertTrue(Namespaces.isPinned(pin(kind)), kind::toString);
    }
    assertEquals(3, mountsUnder(directory));
    Path interfaces = Path.of("/proc/thread-self/net/dev");
    List<String> inside = Namespaces.callIn(pin(Kind.NET), () -> Files.readAllLines(interfaces));
    assertTrue(inside.stream().anyMatch(line -> line.contains("lo:")));
    assertFalse(inside.stream().anyMatch(line -> line.contains("eth")), inside::toString);
    assertNotEquals("red", read("/proc/sys/kernel/hostname"), "the node keeps its name");
  }

  @Test
  void unpinTwiceLeavesNothing() throws Exception {
    Namespaces.create(Set.of(Kind.NET), pins(Set.of(Kind.NET)), Optional.empty(), Map.of());
    Namespaces.unpin(pin(Kind.NET));
    Namespaces.unpin(pin(Kind.NET));
    assertFalse(Namespaces.isPinned(pin(Kind.NET)));
    assertFalse(Files.exists(pin(Kind.NET)));
    assertEquals(0, mountsUnder(directory));
  }

  @Test
  void sysctlsAreSetInsideAndNotOnTheNode() throws Exception {
    String file = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
    String before = read(file);
    Set<Kind> kinds = Set.of(Kind.NET, Kind.IPC);
    Map<String, String> sysctls =
        Map.of("net.ipv4.ip_unprivileged_port_start", "77", "kernel.shm_rmid_forced", "1");
    Namespaces.create(kinds, pins(kinds), Optional.empty(), sysctls);
    assertEquals("77", Namespaces.callIn(pin(Kind.NET), () -> read(file)));
    assertEquals(before, read(file));
    assertEquals("0", read("/proc/sys/kernel/shm_rmid_forced"));
  }

  @Test
  void aSysctlOfTheNodeIsRefusedByName() {
    CriException e =
        assertThrows(
            CriException.InvalidArgument.class,
            () -> create(Set.of(Kind.NET), Map.of("vm.swappiness", "1")));
    assertTrue(message(e).startsWith("sysctl vm.swappiness is not namespaced"), e.getMessage());
    e =
        assertThrows(
            CriException.InvalidArgument.class,
            () -> create(Set.of(Kind.UTS), Map.of("net.core.somaxconn", "1")));
    assertTrue(message(e).contains("the pod uses the node's"), e.getMessage());
    for (String evil : List.of("net/../vm/swappiness", "net..x", "", "net/", "net.a b")) {
      assertThrows(
          CriException.InvalidArgument.class,
          () -> create(Set.of(Kind.NET), Map.of(evil, "1")),
          evil);
    }
  }

  @Test
  void aFailedSysctlNamesItAndLeavesNothing() throws Exception {
    CriException e =
        assertThrows(
            CriException.InvalidArgument.class,
            () -> create(Set.of(Kind.NET), Map.of("net.ipv4.nonesuch", "1")));
    assertTrue(message(e).startsWith("set sysctl net.ipv4.nonesuch to \"1\""), e.getMessage());
    assertFalse(Files.exists(pin(Kind.NET)));
    assertEquals(0, mountsUnder(directory));
  }

  @Test
  void aPinThatCannotBeMadeUndoesTheOthers() throws Exception {
    Map<Kind, Path> pins = new EnumMap<>(Kind.class);
    pins.put(Kind.NET, pin(Kind.NET));
    pins.put(Kind.UTS, directory.resolve("absent/uts"));
    RuntimeException e =
        assertThrows(
            CriException.Internal.class,
            () -> Namespaces.create(pins.keySet(), pins, Optional.empty(), Map.of()));
    assertTrue(message(e).contains("absent/uts"), e.getMessage());
    assertFalse(Files.exists(pin(Kind.NET)));
    assertEquals(0, mountsUnder(directory));
  }

  @Test
  void aPinInUseIsNotMountedOver() throws Exception {
    create(Set.of(Kind.NET), Map.of());
    LinuxException e = assertThrows(LinuxException.class, () -> create(Set.of(Kind.NET), Map.of()));
    assertTrue(e.is(Errno.EEXIST), e.getMessage());
    assertTrue(Namespaces.isPinned(pin(Kind.NET)), "the first owner's pin stays");
    assertEquals(1, mountsUnder(directory));
  }

  @Test
  void aMissingNamespaceIsNamed() {
    Path gone = directory.resolve("gone");
    LinuxException e =
        assertThrows(LinuxException.class, () -> Namespaces.callIn(gone, () -> "never"));
    assertEquals("open namespace " + gone + ": No such file or directory (ENOENT)", e.getMessage());
    assertFalse(Namespaces.isPinned(gone));
  }

  @Test
  void checkedExceptionsComeBackWrappedAndInterruptsAreKept() {
    Thread.currentThread().interrupt();
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class,
            () ->
                NamespaceThread.call(
                    "x",
                    () -> {
                      throw new IOException("disk on fire");
                    }));
    assertTrue(Thread.interrupted(), "the interrupt is still there");
    assertEquals("disk on fire", e.getMessage());
  }

  private static String message(Throwable e) {
    return String.valueOf(e.getMessage());
  }

  private void create(Set<Kind> kinds, Map<String, String> sysctls) {
    Namespaces.create(kinds, pins(kinds), Optional.empty(), sysctls);
  }
}
