package io.onggi.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.error.CriException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
  private static final UUID BOOT = UUID.fromString("11111111-2222-3333-4444-555555555555");
  private static final UUID NEXT_BOOT = UUID.fromString("aaaaaaaa-2222-3333-4444-555555555555");
  private static final Journal.Options OPTIONS = new Journal.Options(true, 1 << 20, BOOT);

  /** For what only reads, hundreds of times. */
  private static final Journal.Options UNSYNCED = new Journal.Options(false, 1 << 20, BOOT);

  @TempDir Path directory;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Map<String, String> texts(Journal journal) {
    return journal.entries().entrySet().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                e -> new String(e.getValue(), StandardCharsets.UTF_8),
                (a, _) -> a,
                TreeMap::new));
  }

  private Map<String, String> reopened() {
    try (Journal journal = Journal.open(directory, UNSYNCED)) {
      return texts(journal);
    }
  }

  @Test
  void whatWasPutIsThereAfterReopeningAndWhatWasDeletedIsNot() {
    try (Journal journal = Journal.open(directory, OPTIONS)) {
      journal.put("sandbox/a", bytes("{\"x\":1}"));
      journal.put("sandbox/b", bytes("b"));
      journal.put("sandbox/a", bytes("{\"x\":2}"));
      journal.delete("sandbox/b");
      journal.delete("never/there");
      journal.putAll(Map.of("c", bytes(""), "한글", bytes("옹기")));
      assertEquals(Map.of("sandbox/a", "{\"x\":2}", "c", "", "한글", "옹기"), texts(journal));
      assertThrows(
          IllegalArgumentException.class, () -> journal.put("big", new byte[(16 << 20) + 1]));
    }
    assertEquals(Map.of("sandbox/a", "{\"x\":2}", "c", "", "한글", "옹기"), reopened());
  }

  @Test
  void aFileCutAtAnyByteOpensWithAPrefixOfTheRecords() throws IOException {
    List<Map<String, String>> states = new ArrayList<>();
    states.add(Map.of());
    try (Journal journal = Journal.open(directory, OPTIONS)) {
      for (int i = 0; i < 5; i++) {
        journal.put("k" + i % 3, bytes("value " + i));
        states.add(texts(journal));
      }
      journal.delete("k1");
      states.add(texts(journal));
    }
    byte[] whole = Files.readAllBytes(directory.resolve("journal"));
    openedAtEveryCut(whole, states, 0);
    openedAtEveryCut(whole, states, 4096); // in a file with room allocated, as a crash leaves it
  }

  private void openedAtEveryCut(byte[] whole, List<Map<String, String>> states, int zeroes)
      throws IOException {
    int state = 0;
    // a header that is cut and followed by zeroes has a wrong version, and is refused
    int from = zeroes == 0 ? 0 : JournalFormat.HEADER_BYTES;
    for (int length = from; length <= whole.length; length++) {
      byte[] cut = Arrays.copyOf(Arrays.copyOf(whole, length), length + zeroes);
      Files.write(directory.resolve("journal"), cut);
      Map<String, String> found = reopened();
      if (!found.equals(states.get(state))) {
        state++; // never back, never one too far
      }
      assertEquals(states.get(state), found, "cut at " + length);
    }
    assertEquals(states.size() - 1, state);
  }

  @Test
  void aDaemonKilledWithRoomAllocatedHasLostNothing() throws IOException {
    Path copy = Files.createDirectory(directory.resolve("copy"));
    try (Journal journal = Journal.open(directory, OPTIONS)) {
      journal.put("k", bytes("v"));
      Files.copy(directory.resolve("journal"), copy.resolve("journal"));
    }
    assertTrue(Files.size(copy.resolve("journal")) > 200_000);
    for (int again = 0; again < 2; again++) {
      try (Journal journal = Journal.open(copy, OPTIONS)) {
        assertEquals("v", texts(journal).get("k"));
        assertEquals(0, journal.cutBytes());
        journal.put("more", bytes("m"));
      }
    }
    assertTrue(Files.size(copy.resolve("journal")) < 200);
  }

  @Test
  void aFlippedBitAnywhereBehindTheHeaderLosesNothingBeforeItAndKeepsTheRestAside()
      throws IOException {
    List<Map<String, String>> states = new ArrayList<>(List.of(Map.of()));
    try (Journal journal = Journal.open(directory, OPTIONS)) {
      for (int i = 0; i < 4; i++) {
        journal.put("k" + i, bytes("v" + i));
        states.add(texts(journal));
      }
    }
    Path file = directory.resolve("journal");
    byte[] whole = Files.readAllBytes(file);
    for (int at = JournalFormat.HEADER_BYTES; at < whole.length; at++) {
      byte[] flipped = whole.clone();
      flipped[at] ^= (byte) (1 << at % 8);
      Files.write(file, flipped);
      try (Journal journal = Journal.open(directory, UNSYNCED)) {
        assertTrue(states.contains(texts(journal)), "flipped at " + at);
        assertTrue(journal.cutBytes() > whole.length - at - 1, "flipped at " + at);
        assertEquals(journal.cutBytes(), Files.size(directory.resolve("journal.cut")));
        journal.put("after", bytes("it goes on"));
      }
      assertEquals("it goes on", reopened().get("after"));
    }
  }

  @Test
  void anotherFileOrAnotherVersionIsRefusedAndLeftAlone() throws IOException {
    Path file = directory.resolve("journal");
    byte[] future = JournalFormat.header();
    future[JournalFormat.HEADER_BYTES - 1] = 2;
    Files.write(file, future);
    JournalException version = assertThrows(JournalException.class, this::reopened);
    assertEquals(
        file
            + " has format version 2, this onggid reads version 1; start the onggid that wrote it,"
            + " or move it away",
        version.getMessage());
    Files.writeString(file, "something else");
    JournalException other = assertThrows(JournalException.class, this::reopened);
    assertEquals(
        file + " is not an Onggi journal (wrong first bytes); move it away", other.getMessage());
    assertEquals("something else", Files.readString(file));
    Files.delete(file);
    assertEquals(Map.of(), reopened()); // the lock was let go
  }

  @Test
  void aCrashBetweenWritingTheNewFileAndRenamingItLeavesTheOldOne() throws IOException {
    try (Journal journal = Journal.open(directory, OPTIONS)) {
      journal.put("k", bytes("v"));
    }
    Files.writeString(directory.resolve("journal.new"), "half of it");
    assertEquals(Map.of("k", "v"), reopened());
    assertFalse(Files.exists(directory.resolve("journal.new")));
  }

  @Test
  void aLogThatGrewIsCompactedAndSaysTheSame() throws IOException {
    Journal.Options small = new Journal.Options(false, 4096, BOOT);
    try (Journal journal = Journal.open(directory, small)) {
      for (int i = 0; i < 2000; i++) {
        journal.put("k" + i % 4, bytes("value number " + i));
      }
    }
    assertTrue(Files.size(directory.resolve("journal")) < 5000);
    assertEquals(
        Map.of(
            "k0", "value number 1996",
            "k1", "value number 1997",
            "k2", "value number 1998",
            "k3", "value number 1999"),
        reopened());
  }

  @Test
  void concurrentCallersShareSyncsAndAllTheirRecordsAreThere() throws Exception {
    int callers = 16;
    int each = 50;
    try (Journal journal = Journal.open(directory, OPTIONS);
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> futures = new ArrayList<>();
      for (int c = 0; c < callers; c++) {
        String prefix = "c" + c + "/";
        futures.add(
            executor.submit(
                () -> {
                  for (int i = 0; i < each; i++) {
                    journal.put(prefix + i, bytes("v" + i));
                    assertTrue(journal.entries().containsKey(prefix + i));
                  }
                }));
      }
      for (Future<?> future : futures) {
        future.get(60, TimeUnit.SECONDS);
      }
    }
    assertEquals(callers * each, reopened().size());
  }

  @Test
  void anInterruptedCallerIsServedAndHarmsNobody() throws Exception {
    try (Journal journal = Journal.open(directory, OPTIONS)) {
      Thread caller =
          Thread.ofVirtual()
              .start(
                  () -> {
                    Thread.currentThread().interrupt();
                    journal.put("interrupted", bytes("yes"));
                  });
      caller.join();
      journal.put("after", bytes("yes"));
    }
    assertEquals(Map.of("interrupted", "yes", "after", "yes"), reopened());
  }

  @Test
  void anotherBootIsSeenUntilItIsAdopted() {
    Journal.Options nextBoot = new Journal.Options(true, 1 << 20, NEXT_BOOT);
    try (Journal journal = Journal.open(directory, OPTIONS)) {
      assertEquals(Optional.empty(), journal.previousBoot());
      assertFalse(journal.fromAnotherBoot());
      journal.put("k", bytes("v"));
    }
    for (int crash = 0; crash < 2; crash++) {
      try (Journal journal = Journal.open(directory, nextBoot)) {
        assertEquals(Optional.of(BOOT), journal.previousBoot());
        assertTrue(journal.fromAnotherBoot());
        journal.put("k", bytes("corrected " + crash));
      }
    }
    try (Journal journal = Journal.open(directory, nextBoot)) {
      journal.adoptBoot();
    }
    try (Journal journal = Journal.open(directory, nextBoot)) {
      assertFalse(journal.fromAnotherBoot());
      assertEquals(Map.of("k", "corrected 1"), texts(journal));
    }
    assertEquals(4, Journal.Options.ofThisBoot(true).bootId().version());
  }

  @Test
  void aSecondDaemonIsToldWhoHasTheDirectory() throws Exception {
    try (Journal journal = Journal.open(directory, OPTIONS)) {
      CriException.FailedPrecondition same =
          assertThrows(CriException.FailedPrecondition.class, this::reopened);
      String expected =
          directory + " is in use by process " + ProcessHandle.current().pid() + "; stop that";
      assertTrue(String.valueOf(same.getMessage()).startsWith(expected), same.getMessage());
      Process other =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  "-XX:TieredStopAtLevel=1",
                  OpenJournal.class.getName(),
                  directory.toString())
              .redirectErrorStream(true)
              .start();
      String output = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, other.waitFor());
      assertTrue(output.startsWith(expected), output);
      journal.put("still", bytes("works"));
    }
    assertEquals(Map.of("still", "works"), reopened());
  }

  /** Another process that opens the journal and prints what it is told. */
  static final class OpenJournal {
    private OpenJournal() {}

    public static void main(String[] arguments) {
      try (Journal journal = Journal.open(Path.of(arguments[0]), OPTIONS)) {
        System.out.println("opened " + journal.entries().keySet());
      } catch (CriException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void aFullDiskFailsTheCallsThatDidNotFitAndNothingElse() throws Exception {
    // the shell's limit on a file's size stands for the full disk: write(2) fails in the middle
    Process filling =
        new ProcessBuilder(
                "/bin/sh",
                "-c",
                "ulimit -f 32; exec \"$@\"",
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                FillJournal.class.getName(),
                directory.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(filling.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, filling.waitFor(), output);
    String[] told = output.strip().split("\n");
    assertEquals("write to journal " + directory.resolve("journal") + ": File too large", told[0]);
    int fitted = Integer.parseInt(told[1]);
    Map<String, String> found = reopened();
    assertEquals("fits", found.remove("small"));
    assertEquals(fitted, found.size());
  }

  /** Puts until it fails, and then something that fits. Prints the failure and what went before. */
  static final class FillJournal {
    private FillJournal() {}

    public static void main(String[] arguments) {
      try (Journal journal = Journal.open(Path.of(arguments[0]), OPTIONS)) {
        int fitted = 0;
        try {
          while (true) {
            journal.put("big" + fitted, new byte[1000]);
            fitted++;
          }
        } catch (JournalException e) {
          System.out.println(e.getMessage());
        }
        journal.put("small", bytes("fits"));
        System.out.println(fitted);
      }
    }
  }

  @Test
  void aClosedJournalTakesNothingMore() {
    Journal journal = Journal.open(directory, OPTIONS);
    journal.close();
    journal.close();
    JournalException e = assertThrows(JournalException.class, () -> journal.put("k", bytes("v")));
    assertEquals("journal " + directory.resolve("journal") + " is closed", e.getMessage());
  }

  @Test
  void theLedgerKeepsIntentsUntilTheyAreForgotten() {
    Owned mount = new Owned("mount", "/run/onggi/ns/a/net", "sandbox-a");
    Owned cgroup = new Owned("cgroup", "/onggi/a", "sandbox-a");
    Owned link = new Owned("link", "veth1", "sandbox-b");
    try (Journal journal = Journal.open(directory, OPTIONS)) {
      Ledger ledger = new Ledger(journal);
      journal.put("sandbox/a", bytes("not an object"));
      ledger.intend(List.of(mount, cgroup));
      ledger.intend(link);
      ledger.forget(link);
      ledger.forget(link);
    }
    try (Journal journal = Journal.open(directory, OPTIONS)) {
      Ledger ledger = new Ledger(journal);
      assertEquals(List.of(cgroup, mount), ledger.all());
      assertEquals(List.of(cgroup, mount), ledger.ownedBy("sandbox-a"));
      assertEquals(List.of(), ledger.ownedBy("sandbox-b"));
      ledger.forget(ledger.all());
      assertEquals(List.of(), ledger.all());
    }
    assertThrows(IllegalArgumentException.class, () -> new Owned("a/b", "n", "o"));
  }
}
