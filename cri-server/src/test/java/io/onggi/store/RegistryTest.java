package io.onggi.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryTest {
  record Thing(String name, int count) {}

  private static final int WRITERS = 8;
  private static final int ADDS = 50;

  @TempDir private Path folder;
  private final List<Change<Thing>> told = Collections.synchronizedList(new ArrayList<>());
  private Journal journal;
  private Registry<Thing> things;

  @BeforeEach
  void open() {
    journal = Journal.open(folder, Journal.Options.ofThisBoot(false));
    things = registry();
  }

  @AfterEach
  void close() {
    journal.close();
  }

  private Registry<Thing> registry() {
    return new Registry<>(journal, "thing/", Thing.class, told::add);
  }

  private static Thing more(Thing thing) {
    return new Thing(thing.name(), thing.count() + 1);
  }

  @Test
  void whatIsAddedAndChangedIsThereAfterARestart() {
    things.add("aaaa1", new Thing("a", 1));
    things.add("bbbb1", new Thing("b", 1));
    things.update("aaaa1", RegistryTest::more);
    things.remove("bbbb1");
    things.remove("bbbb1");
    journal.put("thong/x", new byte[] {1});
    journal.close();
    open();
    things.load();
    assertEquals(List.of(new Thing("a", 2)), List.copyOf(things.all()));
  }

  @Test
  void everyChangeIsToldAndNoneThatChangesNothing() {
    things.add("aaaa1", new Thing("a", 1));
    things.update("aaaa1", RegistryTest::more);
    assertEquals(Optional.of(new Thing("a", 2)), things.update("aaaa1", t -> t));
    assertEquals(Optional.empty(), things.update("none1", RegistryTest::more));
    things.remove("aaaa1");
    things.remove("aaaa1");
    things.add("bbbb1", new Thing("b", 5));
    assertEquals(
        List.of(
            new Change.Added<>(new Thing("a", 1)),
            new Change.Replaced<>(new Thing("a", 1), new Thing("a", 2)),
            new Change.Removed<>(new Thing("a", 2)),
            new Change.Added<>(new Thing("b", 5))),
        told);
    told.clear();
    registry().load();
    assertEquals(List.of(new Change.Loaded<>(new Thing("b", 5))), told);
  }

  @Test
  void aChangeThatThrowsChangesNothing() {
    things.add("aaaa1", new Thing("a", 1));
    assertThrows(
        IllegalStateException.class,
        () ->
            things.update(
                "aaaa1",
                _ -> {
                  throw new IllegalStateException("refused");
                }));
    assertEquals(Optional.of(new Thing("a", 1)), things.find("aaaa1"));
    assertEquals(1, told.size());
  }

  @Test
  void aPrefixOfFourDigitsThatOnlyOneHasIsEnough() {
    things.add("abcd1", new Thing("one", 1));
    things.add("abcd2", new Thing("two", 1));
    things.add("abce1", new Thing("three", 1));
    assertEquals(Optional.empty(), things.find("abcd"));
    assertEquals(Optional.empty(), things.find("abc"));
    assertEquals(Optional.empty(), things.find(""));
    assertEquals(Optional.of(new Thing("three", 1)), things.find("abce"));
    assertEquals(Optional.of(new Thing("two", 1)), things.find("abcd2"));
  }

  @Test
  void changesOfOneMemberFollowEachOther() {
    things.add("aaaa1", new Thing("a", 0));
    try (ExecutorService threads = Executors.newFixedThreadPool(WRITERS)) {
      for (int i = 0; i < WRITERS; i++) {
        threads.execute(
            () -> {
              for (int j = 0; j < ADDS; j++) {
                things.update("aaaa1", RegistryTest::more);
              }
            });
      }
    }
    assertEquals(Optional.of(new Thing("a", WRITERS * ADDS)), things.find("aaaa1"));
    for (int i = 1; i <= WRITERS * ADDS; i++) {
      assertEquals(
          new Change.Replaced<>(new Thing("a", i - 1), new Thing("a", i)),
          told.get(i),
          "told in the order in which they were made");
    }
  }
}
